create table item_aside as
select * from (
  select c.key, c.number, c.field_id, c.row_id, case when parent_record_no is null then 'item-no-bib' when not coalesce(u0.mapped, false) then 'location-unmapped' end as what,
    case when parent_record_no is null then 'item.bib_number' when not coalesce(u0.mapped, false) then 'item.library' end as rule
  from item_code c
  left join item_map_location u0 on u0.k0 = c.k0_0
) where what is not null
