create table patron_row_key as
select b.row_id, b.byte_start, b.byte_count, case when right(b.body, 1) in ('x', 'a') or f.has_check then left(b.body, -1) else b.body end as key, null::varchar as parent_key
from patron_row_body b
left join number_form f on f.use = 'patron' and f.source_file = b.source_file
