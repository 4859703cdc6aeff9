create table item_row_aside as
select row_id, key, case what when 'left-out' then 'row-left-out' else what end as code, case what when 'left-out' then 'only_if' else 'number.item' end as rule from item_row_again
union all
select row_id, key, what, rule from item_aside where row_id is not null
union all
select l.row_id, l.key, a.what, a.rule from item_row_later l join item_aside a using (key)
