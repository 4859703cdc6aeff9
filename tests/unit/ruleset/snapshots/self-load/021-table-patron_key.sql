create table patron_key as
select key, 'p' || key || mod11(key) as number, row_id
from (select key, row_id, parent_key from patron_row_key anti join patron_row_again using (row_id))
