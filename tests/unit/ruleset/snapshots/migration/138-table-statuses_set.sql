create table statuses_set as
select (row_number() over (order by status_set))::int as decision_no, status_set, row_count, examples
from (select status_set, count(*) as row_count, min(number, 3) as examples from item_code group by status_set)
