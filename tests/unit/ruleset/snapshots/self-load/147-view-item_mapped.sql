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
  st.decision_no,
  st."acquisition" as "st_acquisition",
  st."base_status" as "st_base_status",
  st."condition" as "st_condition",
  st."in_temp_location" as "st_in_temp_location",
  st.note as "st_internal_note_1",
  null::varchar as "st_internal_note_3",
  st."process_type" as "st_process_type",
  st."source" as "st_source",
  st."temp_library" as "st_temp_library",
  st."temp_location" as "st_temp_location",
  st."temp_policy" as "st_temp_policy"
from item_stated s
left join item_map_location u0 on u0.k0 = coalesce("src_location", '')
left join item_map_item_type u1 on u1.k0 = coalesce("src_item_type", '')
left join statuses_decided st on st.status_set = s.status_set
where s.key not in (select key from item_aside)
