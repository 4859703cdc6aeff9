insert into issue_found
select 'warning' as "severity", 'code-not-in-list' as "code", 'item' as "kind", '' as "record_id", '' as "source_file", null::bigint as "byte_start", null::bigint as "line", '' as "tag", 'call_number_type' as "column", 'list.call_number_type' as "rule", v as "value", n || ' have it, for instance ' || array_to_string(examples, ', ') as "message"
from (select "call_number_type" as v, count(*) as n, min(number, 3) as examples from item_out
  where "call_number_type" not in ('0', '1', '2', '3', '4', '5', '6', '7', '8') group by 1)
