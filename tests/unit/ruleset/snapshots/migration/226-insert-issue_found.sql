insert into issue_found
select 'warning' as "severity", 'value-duplicate' as "code", 'item' as "kind", '' as "record_id", '' as "source_file", null::bigint as "byte_start", null::bigint as "line", '' as "tag", 'barcode' as "column", 'item.barcode' as "rule", v as "value", 'the same in ' || n || ': ' || array_to_string(examples, ', ') as "message"
from (select v, n, min(number, 3) as examples from (select "barcode" as v, count(*) as n from item_out where "barcode" is not null group by 1 having count(*) > 1) join (select "barcode" as w, number from item_out) on w = v group by v, n)
