insert into issue_found
select 'warning' as "severity", 'value-duplicate' as "code", 'item' as "kind", '' as "record_id", '' as "source_file", null::bigint as "byte_start", null::bigint as "line", '' as "tag", 'barcode' as "column", 'item.barcode' as "rule", "barcode" as "value", 'the same in ' || n || ': ' || array_to_string(examples, ', ') as "message"
from (select v as "barcode", n, min(o.number, 3) as examples from (select "barcode" as v, count(*) as n from item_out where "barcode" is not null group by "barcode" having count(*) > 1) join item_out o on o."barcode" = v group by v, n)
