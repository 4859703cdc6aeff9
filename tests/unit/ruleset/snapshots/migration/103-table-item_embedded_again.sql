create table item_embedded_again as
select record_no, field_id, key,
  case when nth_in_bib > 1 then 'duplicate-number' else 'several-bibs' end as what
from (
  select *, row_number() over (partition by key order by field_id) as nth,
    row_number() over (partition by key, record_no order by field_id) as nth_in_bib
  from item_embedded_key semi join (
    select key from item_embedded_key group by key having count(*) > 1
  ) using (key)
) where nth > 1
