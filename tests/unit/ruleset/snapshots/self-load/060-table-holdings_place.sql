create table holdings_place as
select record_no,
  min_by(case when not is_control then values_of("inner", 'b', chr(31)) end, made * 1000000000 + seq) filter (tag = '852' and case when not is_control then values_of("inner", 'b', chr(31)) end is not null) as "library",
  min_by(case when not is_control then values_of("inner", 'c', chr(31)) end, made * 1000000000 + seq) filter (tag = '852' and case when not is_control then values_of("inner", 'c', chr(31)) end is not null) as "location"
from (
select record_no, made::bigint as made, seq, is_control, tag, "inner" from holdings_marc_fields_0 where not gone and (tag = '852' or tag = '852')
union all select record_no, -1::bigint as made, field_no::bigint as seq, is_control, tag, "inner" from holdings_marc_field where (tag = '852' or tag = '852')
  and (record_no, field_no) not in (select (record_no, field_no) from holdings_marc_fields_0 where made < 0)
) group by record_no
