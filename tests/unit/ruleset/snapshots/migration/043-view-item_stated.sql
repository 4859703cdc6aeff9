create view item_stated as
select s.*,
  case when coalesce(("src_due_date" is not null), false) then 'L' else '' end || coalesce(chr(30) || 'status' || chr(29) || replace("src_status", chr(31), chr(30) || 'status' || chr(29)), '') as status_set
from item_source s
