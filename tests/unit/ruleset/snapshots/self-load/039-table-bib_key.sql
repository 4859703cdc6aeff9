create table bib_key as
select k.record_no, source_file, profile, key, 'b' || key || mod11(key) as number,
  suppress_value, deleted, case when key is not null then 'bib' end as stream,
  case when key is not null then record_no end as home,
  case when key is null then 'bib-no-number' end as aside
from (
  select r.record_no, r.source_file, p.profile, case when right(b.body, 1) in ('x', 'a') or f.has_check then left(b.body, -1) else b.body end as key, (substr(r.leader, 6, 1) = 'd') as deleted,
    case p.profile when 'A' then first_of(r."998e") when 'B' then coalesce(first_of(r."907c"), first_of(r."998f")) when 'B-999' then coalesce(first_of(r."907c"), first_of(r."999f")) when 'C' then first_of(r."999f") end as suppress_value
  from bib_record r
  left join bib_body b using (record_no)
  join bib_profile p on p.source_file = r.source_file
  left join number_form f on f.use = 'bib' and f.source_file = r.source_file
) k
