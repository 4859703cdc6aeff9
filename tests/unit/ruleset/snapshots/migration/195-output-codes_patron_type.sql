select k0 as code, label, row_count, "user_group" from patron_map_patron_type
order by code
