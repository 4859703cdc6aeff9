create view item_stated as
select s.*,
  case when coalesce(("loan_open" is not null) or ("src_due_date" is not null), false) then 'L' else '' end || case when coalesce(("request_on_shelf" is not null), false) then 'R' else '' end || coalesce(chr(30) || 'status' || chr(29) || replace("src_status", chr(31), chr(30) || 'status' || chr(29)), '') || case when "loan_claimed" is not null then chr(30) || 'loan' || chr(29) || 'claimed' else '' end as status_set
from item_linked s
