insert into issue_found
select 'warning' as "severity", 'code-not-in-list' as "code", 'item' as "kind", '' as "record_id", '' as "source_file", null::bigint as "byte_start", null::bigint as "line", '' as "tag", 'base_status' as "column", 'list.base_status' as "rule", v as "value", n || ' have it, for instance ' || array_to_string(examples, ', ') as "message"
from (select "base_status" as v, count(*) as n, min(number, 3) as examples from item_out
  where "base_status" not in ('0', '1') group by 1)
