create view patron_fullname_row_clean as
select (f.file_no << 40) + r.byte_start as row_id,
  case when trim(case when contains(r."first_name", chr(31)) then split_part(r."first_name", chr(31), 1) else r."first_name" end) in ('') then null else trim(case when contains(r."first_name", chr(31)) then split_part(r."first_name", chr(31), 1) else r."first_name" end) end as "first_name",
  case when trim(case when contains(r."last_name", chr(31)) then split_part(r."last_name", chr(31), 1) else r."last_name" end) in ('') then null else trim(case when contains(r."last_name", chr(31)) then split_part(r."last_name", chr(31), 1) else r."last_name" end) end as "last_name",
  case when trim(case when contains(r."middle_name", chr(31)) then split_part(r."middle_name", chr(31), 1) else r."middle_name" end) in ('') then null else trim(case when contains(r."middle_name", chr(31)) then split_part(r."middle_name", chr(31), 1) else r."middle_name" end) end as "middle_name"
from patron_fullname_row r join patron_fullname_row_file f on f.source_file = r.source_file and f.extract = 'patron_fullname'
