create table statuses_met as
select *, not mapped and (false) as place from (
select * replace (case when starts_with(note, 'Status: ') then note else 'Status: ' || note end as note) from (

select kind, k0, row_count, examples, label, mapped, "base_status", "process_type", "note", "condition", "temp_library", "temp_location", "temp_policy", "with_loan", "with_request", "after_go_live", matched_by, map_file, map_line
from (
  select t.kind, t.k0, t.row_count, t.examples, coalesce(t.site_label, nullif(m.label, '')) as label,
    coalesce(coalesce(m."base_status", '') <> '' or coalesce(m."process_type", '') <> '' or coalesce(m."note", '') <> '' or coalesce(m."condition", '') <> '' or coalesce(m."temp_library", '') <> '' or coalesce(m."temp_location", '') <> '' or coalesce(m."temp_policy", '') <> '' or coalesce(m."with_loan", '') <> '' or coalesce(m."with_request", '') <> '', false) as mapped, nullif(m."base_status", '') as "base_status", nullif(m."process_type", '') as "process_type", nullif(m."note", '') as "note", nullif(m."condition", '') as "condition", nullif(m."temp_library", '') as "temp_library", nullif(m."temp_location", '') as "temp_location", nullif(m."temp_policy", '') as "temp_policy", nullif(m."with_loan", '') as "with_loan", nullif(m."with_request", '') as "with_request", nullif(m."after_go_live", '') as "after_go_live",
    case when coalesce(nullif(m.match, ''), case when m.code <> '' then 'code' else 'label' end) like 'code%' and m.code in (t.k0, '*') then 'code' else 'label' end as matched_by,
    m._file as map_file, m._line as map_line,
    row_number() over (partition by t.kind, t.k0
      order by (coalesce(nullif(m.match, ''), case when m.code <> '' then 'code' else 'label' end) like 'code%' and m.code = t.k0) desc, (coalesce(nullif(m.match, ''), case when m.code <> '' then 'code' else 'label' end) like 'code%' and m.code = '*'), m._rank desc, m._no) as nth
  from (
    select c.*, coalesce(l.label, a.label) as site_label from (select kind, code as k0, sum(row_count)::bigint as row_count, list_sort(flatten(list(examples)))[1:3] as examples from statuses_member join statuses_set using (decision_no) group by kind, code) c
    left join code_label l on l.kind = c.kind and l.code = c.k0
    left join code_label a on a.kind = 'item_status' and a.code = c.k0
  ) t
  left join rows_item_status m on (coalesce(m.kind, '') in ('', t.kind)) and (
    (coalesce(nullif(m.match, ''), case when m.code <> '' then 'code' else 'label' end) = 'code' and m.code in (t.k0, '*') and t.k0 <> '')
    or (coalesce(nullif(m.match, ''), case when m.code <> '' then 'code' else 'label' end) = 'code+label' and m.code = t.k0
        and (t.site_label is null or label_agrees(t.site_label, m.label || '|' || coalesce(m.also_called, ''))))
    or (t.site_label is not null and coalesce(nullif(m.match, ''), case when m.code <> '' then 'code' else 'label' end) <> 'code' and label_agrees(t.site_label, m.label || '|' || coalesce(m.also_called, ''))))
) where nth = 1
)
)
