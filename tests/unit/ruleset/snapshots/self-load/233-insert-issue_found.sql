insert into issue_found
select 'warning' as "severity", 'code-not-in-list' as "code", 'item' as "kind", '' as "record_id", '' as "source_file", null::bigint as "byte_start", null::bigint as "line", '' as "tag", 'physical_condition' as "column", 'list.physical_condition' as "rule", v as "value", n || ' have it, for instance ' || array_to_string(examples, ', ') as "message"
from (select "physical_condition" as v, count(*) as n, min(number, 3) as examples from item_out
  where "physical_condition" not in ('Brittle', 'Damaged', 'Deteriorating', 'Fragile') group by 1)
