create table statuses_ruled as
select t.*,
  case when loan and coalesce(list_contains(list_transform(string_split(with_loan, '|'), lambda w: trim(w)), 'no note'), false) then true
    when request and coalesce(list_contains(list_transform(string_split(with_request, '|'), lambda w: trim(w)), 'no note'), false) then true else false end as replaced
from (
  select d.decision_no, x.nth, x.kind, x.code, m.label, m.mapped, m.matched_by, m.map_file, m.map_line,
    m."base_status", m."process_type", m."note", m."condition", m."temp_library", m."temp_location", m."temp_policy", m."with_loan", m."with_request", m."after_go_live",
    list_filter(list_transform(string_split(m.with_loan, '|'), lambda w: trim(w)), lambda w: w not in ('', 'no note', 'no loan'))[1] as loan_type, list_filter(list_transform(string_split(m.with_request, '|'), lambda w: trim(w)), lambda w: w not in ('', 'no note', 'no loan'))[1] as request_type,
    coalesce(list_contains(list_transform(string_split(m.after_go_live, '|'), lambda w: trim(w)), 'withdraw'), false) as withdraws,
    d.on_loan and not bool_or(coalesce(list_contains(list_transform(string_split(m.with_loan, '|'), lambda w: trim(w)), 'no loan'), false)) over (partition by d.decision_no) as loan,
    d.on_shelf and not loan as request
  from (select decision_no, contains(split_part(status_set, chr(30), 1), 'L') as on_loan, contains(split_part(status_set, chr(30), 1), 'R') as on_shelf
    from statuses_set) d
  join statuses_member x using (decision_no)
  join statuses_met m on m.kind = x.kind and m.k0 = x.code
  where not m.place
) t
