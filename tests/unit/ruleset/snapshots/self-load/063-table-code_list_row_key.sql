create table code_list_row_key as
select b.row_id, b.line, b.byte_count, b.body as key, null::varchar as parent_key
from code_list_row_body b left join (
  select w.file_no, f.has_check from code_list_row_file w
  left join number_form f on f.use = w.extract and f.source_file = w.source_file
) c on c.file_no = (b.row_id >> 40)
