create table item_pair as
select p.key, p.field_id, p.record_no, p.row_id, p.parent_key as parent_key
from (
  select coalesce(r.key, e.key) as key, e.field_id, e.record_no, r.row_id, r.parent_key
  from (select key, field_id, record_no from item_embedded_key anti join item_embedded_again using (field_id)) e full join (select key, min(row_id) as row_id, arg_min(parent_key, row_id) as parent_key from item_row_key anti join item_row_again using (row_id) group by key) r on r.key = e.key) p
