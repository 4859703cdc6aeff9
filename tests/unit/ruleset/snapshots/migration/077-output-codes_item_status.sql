select k0 as code, label, row_count, "base_status", "process_type", "note" from item_map_item_status
order by code
