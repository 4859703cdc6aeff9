create view item_status_key as
select s.key, m.kind, m.code, null::varchar as date,
  (row_number() over (partition by s.key order by m.nth, m.kind, m.code))::int as nth
from item_stated s join statuses_set d using (status_set) join statuses_member m using (decision_no)
where m.code <> ''
