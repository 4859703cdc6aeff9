create table request_row_body as
select (f.file_no << 40) + r.byte_start as row_id, r.line, r.byte_count,
  null::varchar as body, null::varchar as parent_body,
  coalesce(regexp_matches(case when trim(case when contains(r."status", chr(31)) then split_part(r."status", chr(31), 1) else r."status" end) in ('', '-  -') then null else trim(case when contains(r."status", chr(31)) then split_part(r."status", chr(31), 1) else r."status" end) end, '^[bij]$'), false) as kept
from request_row r join request_row_file f on f.source_file = r.source_file and f.extract = 'request'
union all select (f.file_no << 40) + r.byte_start as row_id, r.line, r.byte_count,
  null::varchar as body, null::varchar as parent_body,
  coalesce(true, false) as kept
from hold_shelf_row r join request_row_file f on f.source_file = r.source_file and f.extract = 'hold_shelf'
union all select (f.file_no << 40) + r.byte_start as row_id, r.line, r.byte_count,
  null::varchar as body, null::varchar as parent_body,
  coalesce(regexp_matches(case when trim(case when contains(r."status", chr(31)) then split_part(r."status", chr(31), 1) else r."status" end) in ('', '\N', 'NULL') then null else trim(case when contains(r."status", chr(31)) then split_part(r."status", chr(31), 1) else r."status" end) end, '^[bij]$'), false) as kept
from request_view_row r join request_row_file f on f.source_file = r.source_file and f.extract = 'request_view'
union all select (f.file_no << 40) + r.byte_start as row_id, r.line, r.byte_count,
  null::varchar as body, null::varchar as parent_body,
  coalesce(regexp_matches(case when trim(case when contains(r."status", chr(31)) then split_part(r."status", chr(31), 1) else r."status" end) in ('', '\N', 'NULL') then null else trim(case when contains(r."status", chr(31)) then split_part(r."status", chr(31), 1) else r."status" end) end, '^[bij]$'), false) as kept
from request_numbers_row r join request_row_file f on f.source_file = r.source_file and f.extract = 'request_numbers'
