create view holdings_row_mapped as
select s.*,
  u0."library" as "m0_library",
  u0."location" as "m0_location",
  u0."call_number_type" as "m0_call_number_type",
  u0."label" as "m0_label",
  u0."mapped" as "m0_mapped",
  u0."matched_by" as "m0_matched_by",
  u0."map_file" as "m0_map_file",
  u0."map_line" as "m0_map_line"
from holdings_row_source s
left join holdings_row_map_location u0 on u0.k0 = coalesce("src_location", '')
where s.key not in (select key from holdings_row_lost)
