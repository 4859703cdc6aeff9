create table holdings_row_lost as
select key, row_id, why[1] as code, why[2] as rule from (
  select c.key, c.row_id, case when parent_record_no is null then ['holdings-no-bib', 'parent'] when not coalesce(u0.mapped, false) then ['location-unmapped', 'holdings_row.library'] end as why from holdings_row_code c
  left join holdings_row_map_location u0 on u0.k0 = c.k0_0
) where why is not null
