select
  number,
  parent_number as bib_number,
  parent_number || '-' || left(md5(concat_ws(chr(31), coalesce("library", ''), coalesce("source_location", ''), coalesce("call_number_type", ''), coalesce("call_number_class", ''), coalesce("call_number_item", ''))), 12) as holdings_number,
  row_id,
  "library",
  "location",
  "source_location",
  "call_number_class",
  "call_number_item",
  "call_number_type",
  "summary",
  "holdings_note",
  "holdings_internal_note",
  "source_number"
from holdings_row_1
order by row_id
