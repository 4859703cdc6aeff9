create table request_row_key as
select b.row_id, b.line, b.byte_count, b.body as key, null::varchar as parent_key, b.kept
from request_row_body b
join request_row_file w on w.file_no = (b.row_id >> 40)
left join number_form f on f.use = w.extract and f.source_file = w.source_file
