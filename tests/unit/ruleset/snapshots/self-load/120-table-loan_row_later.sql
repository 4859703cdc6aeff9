create table loan_row_later as
select row_id, key, first_value(row_id) over same as first_row_id, row_number() over same as nth
from loan_row_key semi join (
  select key from loan_row_key anti join loan_row_again using (row_id) group by key having count(*) > 1
) using (key) anti join loan_row_again using (row_id)
window same as (partition by key order by row_id)
qualify nth > 1
