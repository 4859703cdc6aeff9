create view item_source as
select k.key, k.number, k.own_record_no, k.field_id, k.row_id, k.parent_record_no, k.parent_number,
  coalesce(r."barcode", e."barcode") as "src_barcode",
  case when replace(concat_ws('', r."call_number_class", r."call_number_item"), ' ', '') = '' or (replace(concat_ws('', r."call_number_class", r."call_number_item"), ' ', '') = replace(concat_ws('', e."call_number_class", e."call_number_item"), ' ', '') and (e."call_number_class" is not null)::int + (e."call_number_item" is not null)::int > (r."call_number_class" is not null)::int + (r."call_number_item" is not null)::int) then e."call_number_class" else r."call_number_class" end as "src_call_number_class",
  case when replace(concat_ws('', r."call_number_class", r."call_number_item"), ' ', '') = '' or (replace(concat_ws('', r."call_number_class", r."call_number_item"), ' ', '') = replace(concat_ws('', e."call_number_class", e."call_number_item"), ' ', '') and (e."call_number_class" is not null)::int + (e."call_number_item" is not null)::int > (r."call_number_class" is not null)::int + (r."call_number_item" is not null)::int) then e."call_number_item" else r."call_number_item" end as "src_call_number_item",
  coalesce(r."copy", e."copy") as "src_copy",
  coalesce(r."created", e."created") as "src_created",
  r."due_date" as "src_due_date",
  r."icode1" as "src_icode1",
  coalesce(r."icode2", e."icode2") as "src_icode2",
  coalesce(r."imessage", e."imessage") as "src_imessage",
  coalesce(r."internal_note", e."internal_note") as "src_internal_note",
  r."internal_use" as "src_internal_use",
  coalesce(r."item_type", e."item_type") as "src_item_type",
  r."last_checkout" as "src_last_checkout",
  coalesce(r."location", e."location") as "src_location",
  coalesce(r."message", e."message") as "src_message",
  coalesce(r."opac_message", e."opac_message") as "src_opac_message",
  r."out_date" as "src_out_date",
  coalesce(r."price", e."price") as "src_price",
  r."public_note" as "src_public_note",
  coalesce(r."status", e."status") as "src_status",
  coalesce(r."total_checkouts", e."total_checkouts") as "src_total_checkouts",
  coalesce(r."total_renewals", e."total_renewals") as "src_total_renewals",
  r."updated" as "src_updated",
  coalesce(r."volume", e."volume") as "src_volume",
  c.class_part as "bib_call_number_class",
  c.item_part as "bib_call_number_item",
  c.scheme as "bib_call_number_type"
from item_key k
left join item_embedded_clean e on e.record_no = k.own_record_no and e.field_id = k.field_id
left join item_row_clean r on r.row_id = k.row_id
left join bib_call c on c.record_no = k.parent_record_no
