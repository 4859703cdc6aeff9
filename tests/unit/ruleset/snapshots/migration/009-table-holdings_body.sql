create table holdings_body as
select 'checkin_marc' as extract, false as inside, r.record_no, r.source_file, r.byte_start, r.byte_count,
  nullif(regexp_extract(lower(concat_ws(chr(31), r."001", r."907a")), '(?:^|\x1f)\s*[\.]?c([0-9]{5,10}[0-9xa]?)\s*(?:\x1f|$)', 1), '') as body, nullif(regexp_extract(lower(r."004"), '(?:^|\x1f)\s*[\.]?b([0-9]{5,10}[0-9xa]?)\s*(?:\x1f|$)', 1), '') as parent_body, null::varchar as hashed, false as interleaved
from checkin_marc_record r
