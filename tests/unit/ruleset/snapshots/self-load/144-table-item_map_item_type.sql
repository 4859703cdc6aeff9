create table item_map_item_type as
select c.*, l.label, false as mapped, null::varchar as "item_policy", null::varchar as "physical_material_type", '' as matched_by, null::varchar as map_file, null::bigint as map_line from (select k1_0 as k0, count(*) as row_count, min(number, 3) as examples from item_code group by k1_0) c left join code_label l on l.kind = 'item_type' and l.code = c.k0
