create table item_map_item_status as
select k0, row_count, examples, label, mapped, "base_status", "process_type", "note", "condition", matched_by, map_file, map_line
from (
  select t.k0, t.row_count, t.examples, coalesce(t.site_label, nullif(m.label, '')) as label,
    coalesce(coalesce(m."base_status", '') <> '' or coalesce(m."process_type", '') <> '' or coalesce(m."note", '') <> '' or coalesce(m."condition", '') <> '', false) as mapped, nullif(m."base_status", '') as "base_status", nullif(m."process_type", '') as "process_type", nullif(m."note", '') as "note", nullif(m."condition", '') as "condition",
    case when coalesce(nullif(m.match, ''), case when m.code <> '' then 'code' else 'label' end) like 'code%' and m.code = t.k0 then 'code' else 'label' end as matched_by,
    m._file as map_file, m._line as map_line,
    row_number() over (partition by t.k0
      order by (m.code = t.k0 and coalesce(nullif(m.match, ''), case when m.code <> '' then 'code' else 'label' end) like 'code%') desc, m._rank desc, m._no) as nth
  from (select c.*, l.label as site_label from (select k2_0 as k0, count(*) as row_count, min(number, 3) as examples from item_code group by k2_0) c left join code_label l on l.kind = 'item_status' and l.code = c.k0) t
  left join rows_item_status m
    on (coalesce(nullif(m.match, ''), case when m.code <> '' then 'code' else 'label' end) = 'code' and m.code = t.k0)
    or (coalesce(nullif(m.match, ''), case when m.code <> '' then 'code' else 'label' end) = 'code+label' and m.code = t.k0
        and (t.site_label is null or label_agrees(t.site_label, m.label || '|' || coalesce(m.also_called, ''))))
    or (t.site_label is not null and coalesce(nullif(m.match, ''), case when m.code <> '' then 'code' else 'label' end) <> 'code' and label_agrees(t.site_label, m.label || '|' || coalesce(m.also_called, '')))
) where nth = 1
