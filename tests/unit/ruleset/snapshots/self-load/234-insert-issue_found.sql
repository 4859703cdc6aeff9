insert into issue_found
select 'warning' as "severity", 'code-not-in-list' as "code", 'item' as "kind", '' as "record_id", '' as "source_file", null::bigint as "byte_start", null::bigint as "line", '' as "tag", 'in_temp_location' as "column", 'list.boolean' as "rule", v as "value", n || ' have it, for instance ' || array_to_string(examples, ', ') as "message"
from (select "in_temp_location" as v, count(*) as n, min(number, 3) as examples from item_out
  where "in_temp_location" not in ('false', 'true') group by 1)
