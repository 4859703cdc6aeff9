create view patron_mapped as
select s.*,
  u0."user_group" as "m0_user_group",
  u0."label" as "m0_label",
  u0."mapped" as "m0_mapped",
  u0."matched_by" as "m0_matched_by",
  u0."map_file" as "m0_map_file",
  u0."map_line" as "m0_map_line"
from patron_source s
left join patron_map_patron_type u0 on u0.k0 = coalesce("src_patron_type", '')
