create view patron_record_phone_row_clean as
select (f.file_no << 40) + r.byte_start as row_id,
  case when trim(r."telephone") in ('') then null else trim(r."telephone") end as "telephone"
from patron_record_phone_row r join patron_record_phone_row_file f on f.source_file = r.source_file and f.extract = 'patron_record_phone'
