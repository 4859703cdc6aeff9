create table patron_row_key as
select b.row_id, b.line, b.byte_count, case when right(b.body, 1) in ('x', 'a') or c.has_check then left(b.body, -1) else b.body end as key, null::varchar as parent_key
from patron_row_body b left join (
  select w.file_no, f.has_check from patron_row_file w
  left join number_form f on f.use = w.extract and f.source_file = w.source_file
) c on c.file_no = (b.row_id >> 40)
