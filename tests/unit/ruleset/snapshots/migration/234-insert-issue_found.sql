insert into issue_found
select 'warning' as "severity", 'code-not-in-list' as "code", 'item' as "kind", '' as "record_id", '' as "source_file", null::bigint as "byte_start", null::bigint as "line", '' as "tag", 'process_type' as "column", 'list.process_type' as "rule", v as "value", n || ' have it, for instance ' || array_to_string(examples, ', ') as "message"
from (select "process_type" as v, count(*) as n, min(number, 3) as examples from item_out
  where "process_type" not in ('ACQ', 'CLAIM_RETURNED_LOAN', 'HOLDSHELF', 'ILL', 'LOAN', 'LOST_LOAN', 'MISSING', 'TECHNICAL', 'TRANSIT', 'WORK_ORDER_DEPARTMENT') group by 1)
