create view holdings_row_all as
select (f.file_no << 40) + r.byte_start as row_id,
  null::varchar as "bib_record_num",
  case when contains(r."call_number_class", '|') then nullif(trim(regexp_extract(r."call_number_class", '\|a([^|\x1f]*)', 1)), '') else case when trim(case when contains(r."call_number_class", chr(31)) then split_part(r."call_number_class", chr(31), 1) else r."call_number_class" end) in ('', '-  -') then null else trim(case when contains(r."call_number_class", chr(31)) then split_part(r."call_number_class", chr(31), 1) else r."call_number_class" end) end end as "call_number_class",
  case when contains(r."call_number_class", '|') then nullif(trim(regexp_extract(r."call_number_class", '\|b([^|\x1f]*)', 1)), '') else null::varchar end as "call_number_item",
  case when trim(r."holdings_internal_note") in ('', '-  -') then null else trim(r."holdings_internal_note") end as "holdings_internal_note",
  case when trim(r."holdings_note") in ('', '-  -') then null else trim(r."holdings_note") end as "holdings_note",
  case when trim(r."identity") in ('', '-  -') then null else trim(r."identity") end as "identity",
  case when trim(case when contains(r."location", chr(31)) then split_part(r."location", chr(31), 1) else r."location" end) in ('', '-  -') then null else trim(case when contains(r."location", chr(31)) then split_part(r."location", chr(31), 1) else r."location" end) end as "location",
  null::varchar as "record_num",
  case when trim(r."summary") in ('', '-  -') then null else trim(r."summary") end as "summary"
from checkin_row r join holdings_row_file f on f.source_file = r.source_file and f.extract = 'checkin'
union all
select (f.file_no << 40) + r.byte_start as row_id,
  case when trim(case when contains(r."bib_record_num", chr(31)) then split_part(r."bib_record_num", chr(31), 1) else r."bib_record_num" end) in ('', '\N', 'NULL') then null else trim(case when contains(r."bib_record_num", chr(31)) then split_part(r."bib_record_num", chr(31), 1) else r."bib_record_num" end) end as "bib_record_num",
  case when contains(r."call_number_class", '|') then nullif(trim(regexp_extract(r."call_number_class", '\|a([^|\x1f]*)', 1)), '') else case when trim(case when contains(r."call_number_class", chr(31)) then split_part(r."call_number_class", chr(31), 1) else r."call_number_class" end) in ('', '\N', 'NULL') then null else trim(case when contains(r."call_number_class", chr(31)) then split_part(r."call_number_class", chr(31), 1) else r."call_number_class" end) end end as "call_number_class",
  case when contains(r."call_number_class", '|') then nullif(trim(regexp_extract(r."call_number_class", '\|b([^|\x1f]*)', 1)), '') else null::varchar end as "call_number_item",
  case when trim(r."holdings_internal_note") in ('', '\N', 'NULL') then null else trim(r."holdings_internal_note") end as "holdings_internal_note",
  case when trim(r."holdings_note") in ('', '\N', 'NULL') then null else trim(r."holdings_note") end as "holdings_note",
  case when trim(r."identity") in ('', '\N', 'NULL') then null else trim(r."identity") end as "identity",
  case when trim(case when contains(r."location", chr(31)) then split_part(r."location", chr(31), 1) else r."location" end) in ('', '\N', 'NULL') then null else trim(case when contains(r."location", chr(31)) then split_part(r."location", chr(31), 1) else r."location" end) end as "location",
  case when trim(case when contains(r."record_num", chr(31)) then split_part(r."record_num", chr(31), 1) else r."record_num" end) in ('', '\N', 'NULL') then null else trim(case when contains(r."record_num", chr(31)) then split_part(r."record_num", chr(31), 1) else r."record_num" end) end as "record_num",
  case when trim(r."summary") in ('', '\N', 'NULL') then null else trim(r."summary") end as "summary"
from checkin_view_row r join holdings_row_file f on f.source_file = r.source_file and f.extract = 'checkin_view'
