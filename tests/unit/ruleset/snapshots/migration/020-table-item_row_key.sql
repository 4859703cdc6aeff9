create table item_row_key as
select b.row_id, b.byte_start, b.byte_count, case when right(b.body, 1) in ('x', 'a') or f.has_check then left(b.body, -1) else b.body end as key, case when right(b.parent_body, 1) in ('x', 'a') or g.has_check then left(b.parent_body, -1) else b.parent_body end as parent_key
from item_row_body b
left join number_form f on f.use = 'item' and f.source_file = b.source_file
left join number_form g on g.use = 'item parent' and g.source_file = b.source_file
