create table item_request as
select item_key as key, arg_min(r."on_shelf", k.row_id) as "on_shelf"
from request_key k join request_row_clean r using (row_id) left join patron_key p on p.key = k.patron_key where item_key is not null group by item_key
