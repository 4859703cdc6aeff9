create table patron_record_phone_add as
select k.key as k, arg_min(k.parent_key, k.row_id) as parent_key,
  string_agg(r."telephone", chr(31) order by k.row_id) as "telephone"
from patron_record_phone_row_key k join patron_record_phone_row_clean r using (row_id)
where k.key is not null group by k.key
