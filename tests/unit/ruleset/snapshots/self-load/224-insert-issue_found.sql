insert into issue_found
select 'warning' as "severity", 'value-missing' as "code", 'item' as "kind", '' as "record_id", '' as "source_file", null::bigint as "byte_start", null::bigint as "line", '' as "tag", 'call_number' as "column", 'item.call_number' as "rule", '' as "value", n || ' without it, for instance ' || array_to_string(examples, ', ') as "message"
from (select count(*) as n, min(number, 3) as examples from item_out where "call_number" is null) where n > 0
