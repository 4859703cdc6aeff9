create table item_row_aside as
select row_id, key, what as code, 'number.item' as rule from item_row_again
union all
select row_id, key, what, rule from item_aside where row_id is not null
