create table patron_fullname_add as
select k.key as k, arg_min(k.parent_key, k.row_id) as parent_key,
  arg_min(r."first_name", k.row_id) as "first_name",
  arg_min(r."last_name", k.row_id) as "last_name",
  arg_min(r."middle_name", k.row_id) as "middle_name"
from patron_fullname_row_key k join patron_fullname_row_clean r using (row_id)
where k.key is not null group by k.key
