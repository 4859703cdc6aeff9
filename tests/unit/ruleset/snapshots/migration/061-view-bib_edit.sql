create view bib_edit as
select k.record_no, k.number,
  case when coalesce(first_of(r."001") <> k.number, false) and not contains(chr(31) || coalesce(r."035a", '') || chr(31), chr(31) || substr('  ' || nullif((case when coalesce(first_of(r."003"), null::varchar) is null and first_of(r."001") is null then '' else chr(31) || 'a' || '(' || coalesce(first_of(r."003"), null::varchar) || ')' || first_of(r."001") end), ''), 5) || chr(31)) then '  ' || nullif((case when coalesce(first_of(r."003"), null::varchar) is null and first_of(r."001") is null then '' else chr(31) || 'a' || '(' || coalesce(first_of(r."003"), null::varchar) || ')' || first_of(r."001") end), '') end as e0,
  coalesce(first_of(r."001") <> k.number, false) and '  ' || nullif((case when coalesce(first_of(r."003"), null::varchar) is null and first_of(r."001") is null then '' else chr(31) || 'a' || '(' || coalesce(first_of(r."003"), null::varchar) || ')' || first_of(r."001") end), '') is null as n0,
  case when not contains(chr(31) || coalesce(r."035a", '') || chr(31), chr(31) || substr('  ' || nullif((case when null::varchar is null and k.number is null then '' else chr(31) || 'a' || '(' || null::varchar || ')' || k.number end), ''), 5) || chr(31)) and e0 is distinct from '  ' || nullif((case when null::varchar is null and k.number is null then '' else chr(31) || 'a' || '(' || null::varchar || ')' || k.number end), '') then '  ' || nullif((case when null::varchar is null and k.number is null then '' else chr(31) || 'a' || '(' || null::varchar || ')' || k.number end), '') end as e1,
  true and '  ' || nullif((case when null::varchar is null and k.number is null then '' else chr(31) || 'a' || '(' || null::varchar || ')' || k.number end), '') is null as n1,
  k.number as e2,
  true and k.number is null as n2
from bib_record r join bib_key k using (record_no)
join bib_profile p on p.source_file = r.source_file
where k.stream is not null
