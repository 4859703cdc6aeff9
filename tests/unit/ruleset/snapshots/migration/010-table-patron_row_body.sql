create table patron_row_body as
select (f.file_no << 40) + r.line as row_id, r.source_file, r.byte_start, r.byte_count,
  nullif(regexp_extract(lower("number"), '(?:^|\x1f)\s*[\.]?p([0-9]{5,10}[0-9xa]?)\s*(?:\x1f|$)', 1), '') as body, null::varchar as parent_body
from patron_row r join patron_row_file f using (source_file)
