create table statuses_decided as
select *, case when loan or request or says_0 then '0' when undecided then null when status_count > 0 or contains(status_set, chr(30)) then '1' else nullif('', '') end as base_status, case when loan then coalesce(loan_type, 'LOAN') when request then coalesce(request_type, 'HOLDSHELF') else own_type end as process_type, false as dropped,
  case when temp_location is not null or temp_library is not null then 'true' end as in_temp_location,
  case when acquired then 'yes' end as acquisition
from (
  select d.decision_no, d.status_set, coalesce(a.loan, contains(split_part(status_set, chr(30), 1), 'L')) as loan,
    coalesce(a.request, contains(split_part(status_set, chr(30), 1), 'R') and not contains(split_part(status_set, chr(30), 1), 'L')) as request,
    coalesce(a.withdrawn, false) as withdrawn, coalesce(a.status_count, 0) as status_count,
    a.* exclude (decision_no, loan, request, withdrawn, status_count), n.note
  from statuses_set d left join (
    select decision_no, any_value(loan) as loan, any_value(request) as request, count(*) as status_count,
      bool_or(coalesce(base_status, '') = '0') as says_0,
      bool_or(not mapped or base_status is null) as undecided,
      bool_or(withdraws and not replaced) as withdrawn,
      bool_or(coalesce(process_type, '') = 'ACQ') as acquired,
      arg_min(process_type, coalesce(nullif(list_position(['LOST_LOAN', 'CLAIM_RETURNED_LOAN', 'LOAN', 'HOLDSHELF', 'MISSING', 'ACQ', 'WORK_ORDER_DEPARTMENT', 'TRANSIT', 'TECHNICAL']::varchar[], process_type), 0), 1000) * 1000 + nth) filter (process_type is not null) as own_type,
      arg_min(loan_type, coalesce(nullif(list_position(['LOST_LOAN', 'CLAIM_RETURNED_LOAN', 'LOAN', 'HOLDSHELF', 'MISSING', 'ACQ', 'WORK_ORDER_DEPARTMENT', 'TRANSIT', 'TECHNICAL']::varchar[], loan_type), 0), 1000) * 1000 + nth) filter (loan_type is not null) as loan_type,
      arg_min(request_type, coalesce(nullif(list_position(['LOST_LOAN', 'CLAIM_RETURNED_LOAN', 'LOAN', 'HOLDSHELF', 'MISSING', 'ACQ', 'WORK_ORDER_DEPARTMENT', 'TRANSIT', 'TECHNICAL']::varchar[], request_type), 0), 1000) * 1000 + nth) filter (request_type is not null) as request_type,
      arg_min(condition, nth) filter (condition is not null) as condition,
      arg_min_null(temp_library, nth) filter (temp_library is not null or temp_location is not null or temp_policy is not null) as temp_library, arg_min_null(temp_location, nth) filter (temp_library is not null or temp_location is not null or temp_policy is not null) as temp_location,
      arg_min_null(temp_policy, nth) filter (temp_library is not null or temp_location is not null or temp_policy is not null) as temp_policy,
      nullif(string_agg(case when kind in ('', 'status') then code else concat_ws('=', nullif(kind, ''), code) end, '|' order by nth) filter (code <> ''), '') as source,
      string_agg(label, '|' order by nth) as label
    from statuses_ruled group by decision_no
  ) a using (decision_no) left join (
    select decision_no, string_agg(note, '|' order by nth) as note from (
      select decision_no, note, min(nth) as nth from statuses_ruled
      where note is not null and not replaced group by decision_no, note
    ) group by decision_no
  ) n using (decision_no)
)
