create view code_list_row_all as
select (f.file_no << 40) + r.byte_start as row_id,
  case when trim(case when contains(r."code", chr(31)) then split_part(r."code", chr(31), 1) else r."code" end) in ('') then null else trim(case when contains(r."code", chr(31)) then split_part(r."code", chr(31), 1) else r."code" end) end as "code",
  case when trim(case when contains(r."label", chr(31)) then split_part(r."label", chr(31), 1) else r."label" end) in ('') then null else trim(case when contains(r."label", chr(31)) then split_part(r."label", chr(31), 1) else r."label" end) end as "label"
from location_list_row r join code_list_row_file f on f.source_file = r.source_file and f.extract = 'location_list'
union all
select (f.file_no << 40) + r.byte_start as row_id,
  case when trim(case when contains(r."code", chr(31)) then split_part(r."code", chr(31), 1) else r."code" end) in ('') then null else trim(case when contains(r."code", chr(31)) then split_part(r."code", chr(31), 1) else r."code" end) end as "code",
  case when trim(case when contains(r."label", chr(31)) then split_part(r."label", chr(31), 1) else r."label" end) in ('') then null else trim(case when contains(r."label", chr(31)) then split_part(r."label", chr(31), 1) else r."label" end) end as "label"
from item_type_list_row r join code_list_row_file f on f.source_file = r.source_file and f.extract = 'item_type_list'
union all
select (f.file_no << 40) + r.byte_start as row_id,
  case when trim(case when contains(r."code", chr(31)) then split_part(r."code", chr(31), 1) else r."code" end) in ('') then null else trim(case when contains(r."code", chr(31)) then split_part(r."code", chr(31), 1) else r."code" end) end as "code",
  case when trim(case when contains(r."label", chr(31)) then split_part(r."label", chr(31), 1) else r."label" end) in ('') then null else trim(case when contains(r."label", chr(31)) then split_part(r."label", chr(31), 1) else r."label" end) end as "label"
from patron_type_list_row r join code_list_row_file f on f.source_file = r.source_file and f.extract = 'patron_type_list'
union all
select (f.file_no << 40) + r.byte_start as row_id,
  case when trim(case when contains(r."code", chr(31)) then split_part(r."code", chr(31), 1) else r."code" end) in ('') then null else trim(case when contains(r."code", chr(31)) then split_part(r."code", chr(31), 1) else r."code" end) end as "code",
  case when trim(case when contains(r."label", chr(31)) then split_part(r."label", chr(31), 1) else r."label" end) in ('') then null else trim(case when contains(r."label", chr(31)) then split_part(r."label", chr(31), 1) else r."label" end) end as "label"
from item_status_list_row r join code_list_row_file f on f.source_file = r.source_file and f.extract = 'item_status_list'
