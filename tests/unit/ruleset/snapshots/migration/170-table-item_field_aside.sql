create table item_field_aside as
select field_id, record_no, key, what as code, 'number.item' as rule
from item_embedded_again where what = 'duplicate-number'
union all
select g.field_id, g.record_no, g.key, a.what, a.rule
from item_embedded_again g join item_aside a using (key) where g.what <> 'duplicate-number'
union all
select field_id, field_id >> 20, key, what, rule from item_aside where field_id is not null
