create table holdings_marc_fields_0 as
select record_no, -1 as made, field_no::bigint as seq, field_no, is_control, tag::varchar as tag, "inner", false as hit, false as gone
from holdings_marc_field where (tag like '852')
  and ((tag = '852' and not is_control and (contains("inner", chr(31) || 'b'))))
