create table statuses_member as
select decision_no, min(nth)::int as nth, kind, code from (
  select decision_no, nth, split_part(part, chr(29), 1) as kind, trim(split_part(part, chr(29), 2)) as code
  from (
    select decision_no, unnest(string_split(status_set, chr(30))[2:]) as part, unnest(range(1, len(string_split(status_set, chr(30))[2:]) + 1)) as nth
    from statuses_set
  )
) where code <> '' group by decision_no, kind, code
union all
select decision_no, 1 as nth, 'status', '' from statuses_set where not contains(status_set, chr(30))
