create view item_2 as
select *,
  nullif(concat_ws('|', replace("status_note", chr(31), '|'), replace("src_internal_note", chr(31), '|')), '') as "internal_note_1",
  nullif(concat_ws(' ', "call_number_class", "call_number_item"), '') as "call_number"
from item_1
