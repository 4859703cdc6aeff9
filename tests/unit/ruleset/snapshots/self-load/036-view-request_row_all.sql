create view request_row_all as
select (f.file_no << 40) + r.byte_start as row_id,
  case when trim(case when contains(r."expires", chr(31)) then split_part(r."expires", chr(31), 1) else r."expires" end) in ('', '-  -') then null else trim(case when contains(r."expires", chr(31)) then split_part(r."expires", chr(31), 1) else r."expires" end) end as "expires",
  case when trim(case when contains(r."item", chr(31)) then split_part(r."item", chr(31), 1) else r."item" end) in ('', '-  -') then null else trim(case when contains(r."item", chr(31)) then split_part(r."item", chr(31), 1) else r."item" end) end as "item",
  null::varchar as "item_record_num",
  case when regexp_matches(case when trim(case when contains(r."status", chr(31)) then split_part(r."status", chr(31), 1) else r."status" end) in ('', '-  -') then null else trim(case when contains(r."status", chr(31)) then split_part(r."status", chr(31), 1) else r."status" end) end, '^[bij]$') then 'yes' end as "on_shelf",
  case when trim(case when contains(r."patron", chr(31)) then split_part(r."patron", chr(31), 1) else r."patron" end) in ('', '-  -') then null else trim(case when contains(r."patron", chr(31)) then split_part(r."patron", chr(31), 1) else r."patron" end) end as "patron",
  null::varchar as "patron_id",
  null::varchar as "patron_record_num",
  case when trim(case when contains(r."pickup", chr(31)) then split_part(r."pickup", chr(31), 1) else r."pickup" end) in ('', '-  -') then null else trim(case when contains(r."pickup", chr(31)) then split_part(r."pickup", chr(31), 1) else r."pickup" end) end as "pickup",
  case when trim(case when contains(r."placed", chr(31)) then split_part(r."placed", chr(31), 1) else r."placed" end) in ('', '-  -') then null else trim(case when contains(r."placed", chr(31)) then split_part(r."placed", chr(31), 1) else r."placed" end) end as "placed",
  null::varchar as "record_id",
  null::varchar as "request_note",
  null::varchar as "request_number",
  case when trim(case when contains(r."status", chr(31)) then split_part(r."status", chr(31), 1) else r."status" end) in ('', '-  -') then null else trim(case when contains(r."status", chr(31)) then split_part(r."status", chr(31), 1) else r."status" end) end as "status"
from request_row r join request_row_file f on f.source_file = r.source_file and f.extract = 'request'
union all
select (f.file_no << 40) + r.byte_start as row_id,
  null::varchar as "expires",
  case when trim(case when contains(r."item", chr(31)) then split_part(r."item", chr(31), 1) else r."item" end) in ('', '-  -') then null else trim(case when contains(r."item", chr(31)) then split_part(r."item", chr(31), 1) else r."item" end) end as "item",
  null::varchar as "item_record_num",
  case when case when trim(case when contains(r."item", chr(31)) then split_part(r."item", chr(31), 1) else r."item" end) in ('', '-  -') then null else trim(case when contains(r."item", chr(31)) then split_part(r."item", chr(31), 1) else r."item" end) end is not null then 'yes' end as "on_shelf",
  case when trim(case when contains(r."patron", chr(31)) then split_part(r."patron", chr(31), 1) else r."patron" end) in ('', '-  -') then null else trim(case when contains(r."patron", chr(31)) then split_part(r."patron", chr(31), 1) else r."patron" end) end as "patron",
  null::varchar as "patron_id",
  null::varchar as "patron_record_num",
  case when trim(case when contains(r."pickup", chr(31)) then split_part(r."pickup", chr(31), 1) else r."pickup" end) in ('', '-  -') then null else trim(case when contains(r."pickup", chr(31)) then split_part(r."pickup", chr(31), 1) else r."pickup" end) end as "pickup",
  case when trim(case when contains(r."placed", chr(31)) then split_part(r."placed", chr(31), 1) else r."placed" end) in ('', '-  -') then null else trim(case when contains(r."placed", chr(31)) then split_part(r."placed", chr(31), 1) else r."placed" end) end as "placed",
  null::varchar as "record_id",
  null::varchar as "request_note",
  null::varchar as "request_number",
  null::varchar as "status"
from hold_shelf_row r join request_row_file f on f.source_file = r.source_file and f.extract = 'hold_shelf'
union all
select (f.file_no << 40) + r.byte_start as row_id,
  case when trim(case when contains(r."expires", chr(31)) then split_part(r."expires", chr(31), 1) else r."expires" end) in ('', '\N', 'NULL') then null else trim(case when contains(r."expires", chr(31)) then split_part(r."expires", chr(31), 1) else r."expires" end) end as "expires",
  null::varchar as "item",
  null::varchar as "item_record_num",
  case when regexp_matches(case when trim(case when contains(r."status", chr(31)) then split_part(r."status", chr(31), 1) else r."status" end) in ('', '\N', 'NULL') then null else trim(case when contains(r."status", chr(31)) then split_part(r."status", chr(31), 1) else r."status" end) end, '^[bij]$') then 'yes' end as "on_shelf",
  null::varchar as "patron",
  case when trim(case when contains(r."patron_id", chr(31)) then split_part(r."patron_id", chr(31), 1) else r."patron_id" end) in ('', '\N', 'NULL') then null else trim(case when contains(r."patron_id", chr(31)) then split_part(r."patron_id", chr(31), 1) else r."patron_id" end) end as "patron_id",
  null::varchar as "patron_record_num",
  case when trim(case when contains(r."pickup", chr(31)) then split_part(r."pickup", chr(31), 1) else r."pickup" end) in ('', '\N', 'NULL') then null else trim(case when contains(r."pickup", chr(31)) then split_part(r."pickup", chr(31), 1) else r."pickup" end) end as "pickup",
  case when trim(case when contains(r."placed", chr(31)) then split_part(r."placed", chr(31), 1) else r."placed" end) in ('', '\N', 'NULL') then null else trim(case when contains(r."placed", chr(31)) then split_part(r."placed", chr(31), 1) else r."placed" end) end as "placed",
  case when trim(case when contains(r."record_id", chr(31)) then split_part(r."record_id", chr(31), 1) else r."record_id" end) in ('', '\N', 'NULL') then null else trim(case when contains(r."record_id", chr(31)) then split_part(r."record_id", chr(31), 1) else r."record_id" end) end as "record_id",
  case when trim(case when contains(r."request_note", chr(31)) then split_part(r."request_note", chr(31), 1) else r."request_note" end) in ('', '\N', 'NULL') then null else trim(case when contains(r."request_note", chr(31)) then split_part(r."request_note", chr(31), 1) else r."request_note" end) end as "request_note",
  case when trim(case when contains(r."request_number", chr(31)) then split_part(r."request_number", chr(31), 1) else r."request_number" end) in ('', '\N', 'NULL') then null else trim(case when contains(r."request_number", chr(31)) then split_part(r."request_number", chr(31), 1) else r."request_number" end) end as "request_number",
  case when trim(case when contains(r."status", chr(31)) then split_part(r."status", chr(31), 1) else r."status" end) in ('', '\N', 'NULL') then null else trim(case when contains(r."status", chr(31)) then split_part(r."status", chr(31), 1) else r."status" end) end as "status"
from request_view_row r join request_row_file f on f.source_file = r.source_file and f.extract = 'request_view'
union all
select (f.file_no << 40) + r.byte_start as row_id,
  case when trim(case when contains(r."expires", chr(31)) then split_part(r."expires", chr(31), 1) else r."expires" end) in ('', '\N', 'NULL') then null else trim(case when contains(r."expires", chr(31)) then split_part(r."expires", chr(31), 1) else r."expires" end) end as "expires",
  null::varchar as "item",
  case when trim(case when contains(r."item_record_num", chr(31)) then split_part(r."item_record_num", chr(31), 1) else r."item_record_num" end) in ('', '\N', 'NULL') then null else trim(case when contains(r."item_record_num", chr(31)) then split_part(r."item_record_num", chr(31), 1) else r."item_record_num" end) end as "item_record_num",
  case when regexp_matches(case when trim(case when contains(r."status", chr(31)) then split_part(r."status", chr(31), 1) else r."status" end) in ('', '\N', 'NULL') then null else trim(case when contains(r."status", chr(31)) then split_part(r."status", chr(31), 1) else r."status" end) end, '^[bij]$') then 'yes' end as "on_shelf",
  null::varchar as "patron",
  null::varchar as "patron_id",
  case when trim(case when contains(r."patron_record_num", chr(31)) then split_part(r."patron_record_num", chr(31), 1) else r."patron_record_num" end) in ('', '\N', 'NULL') then null else trim(case when contains(r."patron_record_num", chr(31)) then split_part(r."patron_record_num", chr(31), 1) else r."patron_record_num" end) end as "patron_record_num",
  case when trim(case when contains(r."pickup", chr(31)) then split_part(r."pickup", chr(31), 1) else r."pickup" end) in ('', '\N', 'NULL') then null else trim(case when contains(r."pickup", chr(31)) then split_part(r."pickup", chr(31), 1) else r."pickup" end) end as "pickup",
  case when trim(case when contains(r."placed", chr(31)) then split_part(r."placed", chr(31), 1) else r."placed" end) in ('', '\N', 'NULL') then null else trim(case when contains(r."placed", chr(31)) then split_part(r."placed", chr(31), 1) else r."placed" end) end as "placed",
  null::varchar as "record_id",
  case when trim(case when contains(r."request_note", chr(31)) then split_part(r."request_note", chr(31), 1) else r."request_note" end) in ('', '\N', 'NULL') then null else trim(case when contains(r."request_note", chr(31)) then split_part(r."request_note", chr(31), 1) else r."request_note" end) end as "request_note",
  null::varchar as "request_number",
  case when trim(case when contains(r."status", chr(31)) then split_part(r."status", chr(31), 1) else r."status" end) in ('', '\N', 'NULL') then null else trim(case when contains(r."status", chr(31)) then split_part(r."status", chr(31), 1) else r."status" end) end as "status"
from request_numbers_row r join request_row_file f on f.source_file = r.source_file and f.extract = 'request_numbers'
