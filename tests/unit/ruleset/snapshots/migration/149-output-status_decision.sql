select d.decision_no,
  (row_number() over (partition by d.decision_no order by r.nth, r.kind, r.code))::int as nth,
  r.kind, r.code as source_status, r.label as status_label,
  case when r.mapped then r.matched_by end as matched_by,
  case when r.mapped then r.map_file end as map_file, case when r.mapped then r.map_line end as map_line,
  case when not r.replaced then r.note end as status_note, r.condition as status_condition,
  case when not r.replaced then r.after_go_live end as after_go_live,
  case when d.loan then 'yes' end as loan, case when d.request then 'yes' end as request
from statuses_decided d left join statuses_ruled r using (decision_no)
order by decision_no, nth, kind, source_status
