create view holdings_made_field as
select * from (select record_no, unnest(list_concat([{'place': 0, 'tag': '001', 'is_control': true, 'inner': number}, {'place': 1, 'tag': '004', 'is_control': true, 'inner': bib_number}, {'place': 2, 'tag': '008', 'is_control': true, 'inner': '261121' || '0u    8   4001uuund0000000'}, {'place': 3, 'tag': '852', 'is_control': false, 'inner': coalesce("call_number_type", ' ') || ' ' || nullif(coalesce(chr(31) || 'b' || "library", '') || coalesce(chr(31) || 'c' || "location", '') || coalesce(chr(31) || 'h' || "call_number_class", '') || coalesce(chr(31) || 'i' || "call_number_item", ''), '')}], more), recursive := true)
from holdings left join (select record_no, list({'place': place, 'tag': tag, 'is_control': is_control, 'inner': "inner"} order by place) as more
from (select record_no, (4 - 1 + row_number() over (partition by record_no order by piece, "inner"))::int as place,
  tag, is_control, "inner" from (
  select record_no, 4 as piece, '866' as tag, false as is_control,
  ' 0' || nullif(coalesce(chr(31) || 'a' || value, ''), '') as "inner"
from (select distinct h.record_no, i.value from holdings h join (
    select holdings_number, nullif(trim(unnest(string_split("summary", chr(31)))), '') as value from holdings_row_out
  ) i on i.holdings_number = h.number) where value is not null
  union all select record_no, 5 as piece, '866' as tag, false as is_control,
  ' 0' || nullif(coalesce(chr(31) || 'z' || value, ''), '') as "inner"
from (select distinct h.record_no, i.value from holdings h join (
    select holdings_number, nullif(trim(unnest(string_split("holdings_note", chr(31)))), '') as value from holdings_row_out
  ) i on i.holdings_number = h.number) where value is not null
  union all select record_no, 6 as piece, '866' as tag, false as is_control,
  ' 0' || nullif(coalesce(chr(31) || 'x' || value, ''), '') as "inner"
from (select distinct h.record_no, i.value from holdings h join (
    select holdings_number, nullif(trim(unnest(string_split("holdings_internal_note", chr(31)))), '') as value from holdings_row_out
  ) i on i.holdings_number = h.number) where value is not null
  union all select record_no, 7 as piece, '035' as tag, false as is_control,
  '  ' || nullif(coalesce(chr(31) || 'a' || value, ''), '') as "inner"
from (select distinct h.record_no, i.value from holdings h join (
    select holdings_number, nullif(trim(unnest(string_split("source_number", chr(31)))), '') as value from holdings_row_out
  ) i on i.holdings_number = h.number) where value is not null
) where "inner" is not null)
group by record_no) using (record_no))
where "inner" is not null
