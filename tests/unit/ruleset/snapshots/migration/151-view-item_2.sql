create view item_2 as
select *,
  nullif(concat_ws(' ', "call_number_class", "call_number_item"), '') as "call_number"
from item_1
