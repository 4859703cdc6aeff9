create table patron_record_address_add as
select k.key as k, arg_min(k.parent_key, k.row_id) as parent_key,
  string_agg(r."city", chr(31) order by k.row_id) as "city",
  string_agg(r."country", chr(31) order by k.row_id) as "country",
  string_agg(r."postal_code", chr(31) order by k.row_id) as "postal_code",
  string_agg(r."region", chr(31) order by k.row_id) as "region",
  string_agg(r."street", chr(31) order by k.row_id) as "street",
  string_agg(r."street2", chr(31) order by k.row_id) as "street2",
  string_agg(r."street3", chr(31) order by k.row_id) as "street3"
from patron_record_address_row_key k join patron_record_address_row_clean r using (row_id)
where k.key is not null group by k.key
