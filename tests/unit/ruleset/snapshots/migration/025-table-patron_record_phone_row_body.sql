create table patron_record_phone_row_body as
select (f.file_no << 40) + r.byte_start as row_id, r.line, r.byte_count,
  nullif(trim(r."patron_id"), '') as body, null::varchar as parent_body
from patron_record_phone_row r join patron_record_phone_row_file f on f.source_file = r.source_file and f.extract = 'patron_record_phone'
