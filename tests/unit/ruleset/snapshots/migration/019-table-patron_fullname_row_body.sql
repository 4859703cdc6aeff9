create table patron_fullname_row_body as
select (f.file_no << 40) + r.byte_start as row_id, r.line, r.byte_count,
  nullif(trim(r."patron_id"), '') as body, null::varchar as parent_body
from patron_fullname_row r join patron_fullname_row_file f on f.source_file = r.source_file and f.extract = 'patron_fullname'
