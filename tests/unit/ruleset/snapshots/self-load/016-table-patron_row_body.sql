create table patron_row_body as
select (f.file_no << 40) + r.byte_start as row_id, r.line, r.byte_count,
  nullif(regexp_extract(lower(r."number"), '(?:^|\x1f)\s*[\.]?p([0-9]{5,10}[0-9xa]?)\s*(?:\x1f|$)', 1), '') as body, null::varchar as parent_body
from patron_row r join patron_row_file f on f.source_file = r.source_file and f.extract = 'patron'
union all select (f.file_no << 40) + r.byte_start as row_id, r.line, r.byte_count,
  nullif(regexp_extract(lower('p' || case when trim(case when contains(r."record_num", chr(31)) then split_part(r."record_num", chr(31), 1) else r."record_num" end) in ('', '\N', 'NULL') then null else trim(case when contains(r."record_num", chr(31)) then split_part(r."record_num", chr(31), 1) else r."record_num" end) end), '(?:^|\x1f)\s*[\.]?p([0-9]{5,10}[0-9xa]?)\s*(?:\x1f|$)', 1), '') as body, null::varchar as parent_body
from patron_view_row r join patron_row_file f on f.source_file = r.source_file and f.extract = 'patron_view'
