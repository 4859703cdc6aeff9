create table item_embedded_key as
select b.record_no, b.field_id, case when right(b.body, 1) in ('x', 'a') or f.has_check then left(b.body, -1) else b.body end as key
from item_embedded_body b
left join number_form f on f.use = b.extract and f.source_file = b.source_file
