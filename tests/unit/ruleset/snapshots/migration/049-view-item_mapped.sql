create view item_mapped as
select s.*,
  u0."library" as "m0_library",
  u0."location" as "m0_location",
  u0."call_number_type" as "m0_call_number_type",
  u0."label" as "m0_label",
  u0."mapped" as "m0_mapped",
  u0."matched_by" as "m0_matched_by",
  u0."map_file" as "m0_map_file",
  u0."map_line" as "m0_map_line",
  u1."item_policy" as "m1_item_policy",
  u1."physical_material_type" as "m1_physical_material_type",
  u1."label" as "m1_label",
  u1."mapped" as "m1_mapped",
  u1."matched_by" as "m1_matched_by",
  u1."map_file" as "m1_map_file",
  u1."map_line" as "m1_map_line",
  u2."base_status" as "m2_base_status",
  u2."process_type" as "m2_process_type",
  u2."note" as "m2_note",
  u2."condition" as "m2_condition",
  u2."label" as "m2_label",
  u2."mapped" as "m2_mapped",
  u2."matched_by" as "m2_matched_by",
  u2."map_file" as "m2_map_file",
  u2."map_line" as "m2_map_line"
from item_source s
left join item_map_location u0 on u0.k0 = coalesce("src_location", '')
left join item_map_item_type u1 on u1.k0 = coalesce("src_item_type", '')
left join item_map_item_status u2 on u2.k0 = coalesce("src_status", '')
where s.key not in (select key from item_aside)
