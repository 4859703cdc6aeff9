create table item_loan as
select item_key as key, null::varchar as "claimed", arg_min(r."due_date", k.row_id) as "due_date", 'yes' as open
from loan_key k join loan_row_clean r using (row_id) left join patron_key p on p.key = k.patron_key where nth = 1 group by item_key
