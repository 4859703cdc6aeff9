create table loan_row_body as
select (f.file_no << 40) + r.byte_start as row_id, r.line, r.byte_count,
  null::varchar as body, null::varchar as parent_body,
  coalesce(case when trim(case when contains(r."due_date", chr(31)) then split_part(r."due_date", chr(31), 1) else r."due_date" end) in ('', '-  -') then null else trim(case when contains(r."due_date", chr(31)) then split_part(r."due_date", chr(31), 1) else r."due_date" end) end is not null and (case when trim(case when contains(r."item", chr(31)) then split_part(r."item", chr(31), 1) else r."item" end) in ('', '-  -') then null else trim(case when contains(r."item", chr(31)) then split_part(r."item", chr(31), 1) else r."item" end) end is not null and not coalesce(regexp_matches(case when trim(case when contains(r."item", chr(31)) then split_part(r."item", chr(31), 1) else r."item" end) in ('', '-  -') then null else trim(case when contains(r."item", chr(31)) then split_part(r."item", chr(31), 1) else r."item" end) end, '@'), false)), false) as kept
from loan_row r join loan_row_file f on f.source_file = r.source_file and f.extract = 'loan'
union all select (f.file_no << 40) + r.byte_start as row_id, r.line, r.byte_count,
  null::varchar as body, null::varchar as parent_body,
  coalesce(case when trim(case when contains(r."due_date", chr(31)) then split_part(r."due_date", chr(31), 1) else r."due_date" end) in ('', '\N', 'NULL') then null else trim(case when contains(r."due_date", chr(31)) then split_part(r."due_date", chr(31), 1) else r."due_date" end) end is not null, false) as kept
from loan_view_row r join loan_row_file f on f.source_file = r.source_file and f.extract = 'loan_view'
union all select (f.file_no << 40) + r.byte_start as row_id, r.line, r.byte_count,
  null::varchar as body, null::varchar as parent_body,
  coalesce(case when trim(case when contains(r."due_date", chr(31)) then split_part(r."due_date", chr(31), 1) else r."due_date" end) in ('', '\N', 'NULL') then null else trim(case when contains(r."due_date", chr(31)) then split_part(r."due_date", chr(31), 1) else r."due_date" end) end is not null, false) as kept
from loan_numbers_row r join loan_row_file f on f.source_file = r.source_file and f.extract = 'loan_numbers'
