create table code_list_row_body as
select (f.file_no << 40) + r.byte_start as row_id, r.line, r.byte_count,
  null::varchar as body, null::varchar as parent_body
from location_list_row r join code_list_row_file f on f.source_file = r.source_file and f.extract = 'location_list'
union all select (f.file_no << 40) + r.byte_start as row_id, r.line, r.byte_count,
  null::varchar as body, null::varchar as parent_body
from item_type_list_row r join code_list_row_file f on f.source_file = r.source_file and f.extract = 'item_type_list'
union all select (f.file_no << 40) + r.byte_start as row_id, r.line, r.byte_count,
  null::varchar as body, null::varchar as parent_body
from patron_type_list_row r join code_list_row_file f on f.source_file = r.source_file and f.extract = 'patron_type_list'
union all select (f.file_no << 40) + r.byte_start as row_id, r.line, r.byte_count,
  null::varchar as body, null::varchar as parent_body
from item_status_list_row r join code_list_row_file f on f.source_file = r.source_file and f.extract = 'item_status_list'
