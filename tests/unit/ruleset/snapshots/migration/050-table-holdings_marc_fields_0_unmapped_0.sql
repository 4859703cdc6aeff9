create table holdings_marc_fields_0_unmapped_0 as
select v, count(*) as n, min(record_no, 3) as records
from (select record_no, first_of(values_of("inner", 'b', chr(31))) as v from holdings_marc_fields_0 where not gone and tag = '852' and not is_control and (contains("inner", chr(31) || 'b'))) where v is not null
  and v not in (select key from (select '' as key, '' as "library", '' as "location" where false)) group by v
