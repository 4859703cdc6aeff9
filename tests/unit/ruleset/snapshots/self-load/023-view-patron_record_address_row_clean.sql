create view patron_record_address_row_clean as
select (f.file_no << 40) + r.byte_start as row_id,
  case when trim(r."city") in ('') then null else trim(r."city") end as "city",
  case when trim(r."country") in ('') then null else trim(r."country") end as "country",
  case when trim(r."postal_code") in ('') then null else trim(r."postal_code") end as "postal_code",
  case when trim(r."region") in ('') then null else trim(r."region") end as "region",
  case when trim(r."street") in ('') then null else trim(r."street") end as "street",
  case when trim(r."street2") in ('') then null else trim(r."street2") end as "street2",
  case when trim(r."street3") in ('') then null else trim(r."street3") end as "street3"
from patron_record_address_row r join patron_record_address_row_file f on f.source_file = r.source_file and f.extract = 'patron_record_address'
