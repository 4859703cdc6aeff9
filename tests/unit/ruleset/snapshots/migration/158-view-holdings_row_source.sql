create view holdings_row_source as
select k.*,
  r."bib_record_num" as "src_bib_record_num",
  r."call_number_class" as "src_call_number_class",
  r."call_number_item" as "src_call_number_item",
  r."holdings_internal_note" as "src_holdings_internal_note",
  r."holdings_note" as "src_holdings_note",
  r."identity" as "src_identity",
  r."location" as "src_location",
  r."record_num" as "src_record_num",
  r."summary" as "src_summary",
  c.class_part as "bib_call_number_class",
  c.item_part as "bib_call_number_item",
  c.scheme as "bib_call_number_type"
from (
  select w.key, 'c' || w.key || mod11(w.key) as number, w.row_id,
    b.record_no as parent_record_no, b.number as parent_number
  from (select key, min(row_id) as row_id, arg_min(parent_key, row_id) as parent_key from holdings_row_key anti join holdings_row_again using (row_id) group by key) w left join bib_first b on b.key = w.parent_key
) k join holdings_row_clean r on r.row_id = k.row_id
left join bib_call c on c.record_no = k.parent_record_no
