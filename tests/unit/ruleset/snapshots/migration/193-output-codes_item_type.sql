select k0 as code, label, row_count, "item_policy", "physical_material_type" from item_map_item_type
order by code
