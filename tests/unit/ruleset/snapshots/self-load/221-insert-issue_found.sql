insert into issue_found
select 'warning' as "severity", 'value-missing' as "code", 'item' as "kind", '' as "record_id", '' as "source_file", null::bigint as "byte_start", null::bigint as "line", '' as "tag", 'barcode' as "column", 'item.barcode' as "rule", '' as "value", n || ' without it, for instance ' || array_to_string(examples, ', ') as "message"
from (select count(*) as n, min(number, 3) as examples from item_out where "barcode" is null) where n > 0
