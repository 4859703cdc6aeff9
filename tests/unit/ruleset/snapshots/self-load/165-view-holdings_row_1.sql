create view holdings_row_1 as
select *,
  m0_library as "library",
  m0_location as "location",
  "src_location" as "source_location",
  coalesce("src_call_number_class", "bib_call_number_class") as "call_number_class",
  coalesce(case when "src_call_number_class" is not null then "src_call_number_item" end, case when "src_call_number_class" is null then "bib_call_number_item" end) as "call_number_item",
  coalesce(case when "src_call_number_class" is not null then m0_call_number_type end, case when "src_call_number_class" is null then "bib_call_number_type" end) as "call_number_type",
  nullif(clean_unmark(replace("src_summary", chr(31), '')), '') as "summary",
  nullif(clean_unmark(replace("src_holdings_note", chr(31), '')), '') as "holdings_note",
  nullif(clean_unmark(nullif(concat_ws('', replace("src_holdings_internal_note", chr(31), ''), replace("src_identity", chr(31), '')), '')), '') as "holdings_internal_note",
  number as "source_number"
from holdings_row_mapped
