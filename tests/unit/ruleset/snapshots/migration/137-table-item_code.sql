create table item_code as
select key, number, parent_record_no, field_id, row_id, status_set,
  coalesce("src_location", '') as k0_0,
  coalesce("src_item_type", '') as k1_0
from item_stated
