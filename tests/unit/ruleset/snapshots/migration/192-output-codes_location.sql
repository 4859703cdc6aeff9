select k0 as code, label, row_count, "library", "location", "call_number_type" from item_map_location
order by code
