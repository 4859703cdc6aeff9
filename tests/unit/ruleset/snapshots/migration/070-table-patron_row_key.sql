create table patron_row_key as
select b.row_id, b.line, b.byte_count, case when right(b.body, 1) in ('x', 'a') or f.has_check then left(b.body, -1) else b.body end as key, null::varchar as parent_key
from patron_row_body b
join patron_row_file w on w.file_no = (b.row_id >> 40)
left join number_form f on f.use = w.extract and f.source_file = w.source_file
