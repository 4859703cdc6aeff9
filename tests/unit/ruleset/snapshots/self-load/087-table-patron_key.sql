create table patron_key as
select key, 'p' || key || mod11(key) as number, row_id
from (select key, min(row_id) as row_id, arg_min(parent_key, row_id) as parent_key from patron_row_key anti join patron_row_again using (row_id) group by key)
