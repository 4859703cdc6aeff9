insert into issue_found
select 'warning' as "severity", 'request-no-patron' as "code", 'request' as "kind", '' as "record_id", source_file as "source_file", null::bigint as "byte_start", null::bigint as "line", '' as "tag", '' as "column", 'links of request' as "rule", '' as "value", n || ' rows, for instance in the lines ' || array_to_string(lines, ', ') as "message"
from (select w.source_file, count(*) as n, min(s.line, 3) as lines from request_key k
  join request_row_key s on s.row_id = k.row_id
  join request_row_file w on w.file_no = (k.row_id >> 40)
  where k.patron_key is null group by 1)
