select * from issue_found
order by case severity when 'error' then 0 when 'warning' then 1 else 2 end, code, kind, source_file, "column", line, byte_start, record_id, value, rule, tag, message
