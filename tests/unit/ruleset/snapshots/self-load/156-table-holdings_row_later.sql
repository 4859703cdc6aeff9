create table holdings_row_later as
select row_id, key, first_value(row_id) over same as first_row_id, row_number() over same as nth
from holdings_row_key semi join (
  select key from holdings_row_key anti join holdings_row_again using (row_id) group by key having count(*) > 1
) using (key) anti join holdings_row_again using (row_id)
window same as (partition by key order by row_id)
qualify nth > 1
