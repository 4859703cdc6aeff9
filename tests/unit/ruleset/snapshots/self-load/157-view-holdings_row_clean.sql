create view holdings_row_clean as
select a.row_id,
  coalesce(a."bib_record_num", b2."bib_record_num") as "bib_record_num",
  coalesce(a."call_number_class", b2."call_number_class") as "call_number_class",
  coalesce(a."call_number_item", b2."call_number_item") as "call_number_item",
  coalesce(a."holdings_internal_note", b2."holdings_internal_note") as "holdings_internal_note",
  coalesce(a."holdings_note", b2."holdings_note") as "holdings_note",
  coalesce(a."identity", b2."identity") as "identity",
  coalesce(a."location", b2."location") as "location",
  coalesce(a."record_num", b2."record_num") as "record_num",
  coalesce(a."summary", b2."summary") as "summary"
from holdings_row_all a
left join holdings_row_later l2 on l2.first_row_id = a.row_id and l2.nth = 2
left join holdings_row_all b2 on b2.row_id = l2.row_id
