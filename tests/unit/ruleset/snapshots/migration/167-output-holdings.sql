select row_number() over (order by number) - 1 as record_no, *
from (select distinct * from (select holdings_number as number, bib_number, "library" as "library", "source_location" as "location", "call_number_type" as "call_number_type", "call_number_class" as "call_number_class", "call_number_item" as "call_number_item" from item_out
where holdings_number not in (select number from holdings_key where code is null)
union all select holdings_number, bib_number, "library", "source_location", "call_number_type", "call_number_class", "call_number_item" from holdings_row_out))
order by record_no
