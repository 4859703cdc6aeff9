create table bib_edit as
select record_no, number,
  case when w0 and not coalesce(case when contains(s0, chr(31)) then contains(chr(31) || s0 || chr(31), chr(31) || f0 || chr(31)) else s0 = f0 end, false) then t0 end as e0, w0 and t0 is null as n0,
  case when w1 and not coalesce(case when contains(s1, chr(31)) then contains(chr(31) || s1 || chr(31), chr(31) || f1 || chr(31)) else s1 = f1 end, false) and case when e0 is not null then f0 end is distinct from f1 then t1 end as e1, w1 and t1 is null as n1,
  case when w2 then t2 end as e2, w2 and t2 is null as n2
from (
select *, split_part(substr(t0, 5), chr(31), 1) as f0, split_part(substr(t1, 5), chr(31), 1) as f1 from (
select k.record_no, k.number,
  '  ' || nullif((case when coalesce(first_of(r."003"), null::varchar) is null and first_of(r."001") is null then '' else chr(31) || 'a' || '(' || coalesce(first_of(r."003"), null::varchar) || ')' || first_of(r."001") end), '') as t0,
  (r."001" is not null and not coalesce(case when contains(r."001", chr(31)) then list_bool_or(list_transform(string_split(r."001", chr(31)), lambda x: x = k.number)) else r."001" = k.number end, false)) as w0,
  r."035a" as s0,
  '  ' || nullif((case when null::varchar is null and k.number is null then '' else chr(31) || 'a' || '(' || null::varchar || ')' || k.number end), '') as t1,
  true as w1,
  r."035a" as s1,
  k.number as t2,
  true as w2
from (select * replace (told("001") as "001", told("003") as "003", told("035a") as "035a") from bib_record) r join bib_key k using (record_no)
join bib_profile p on p.source_file = r.source_file
where k.stream is not null
)
)
