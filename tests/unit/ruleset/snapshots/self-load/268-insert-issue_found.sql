insert into issue_found
select 'error' as "severity", 'holdings-no-number' as "code", 'holdings' as "kind", '' as "record_id", source_file as "source_file", null::bigint as "byte_start", null::bigint as "line", '' as "tag", '' as "column", 'extract.' || extract || '.' || rule as "rule", '' as "value", n || ' rows, for instance in the lines ' || array_to_string(lines, ', ') as "message"
from (select f.rule, w.extract, w.source_file, count(*) as n, min(s.line, 3) as lines
  from holdings_row_aside f join holdings_row_key s on s.row_id = f.row_id
  join holdings_row_file w on w.file_no = (f.row_id >> 40)
  where f.code = 'holdings-no-number' group by all)
