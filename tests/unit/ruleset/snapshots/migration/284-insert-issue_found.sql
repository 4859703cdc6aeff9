insert into issue_found
select 'warning' as "severity", 'request-on-loan' as "code", 'item' as "kind", '' as "record_id", '' as "source_file", null::bigint as "byte_start", null::bigint as "line", '' as "tag", '' as "column", 'item_status.hold_shelf' as "rule", '' as "value", n || ' items, for instance ' || array_to_string(examples, ', ') as "message"
from (select sum(s.row_count)::bigint as n, list_sort(flatten(list(s.examples)))[1:3] as examples
  from statuses_decided d join statuses_set s using (decision_no) where contains(split_part(d.status_set, chr(30), 1), 'LR')) where n > 0
