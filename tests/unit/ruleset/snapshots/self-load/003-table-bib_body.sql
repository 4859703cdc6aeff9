create table bib_body as
select record_no, source_file, case when regexp_full_match(concat_ws(chr(31), "907a", "907y"), 'b[0-9]{5,10}[0-9xa]?') then substr(concat_ws(chr(31), "907a", "907y"), 2) when regexp_full_match(concat_ws(chr(31), "907a", "907y"), '\.b[0-9]{5,10}[0-9xa]?') then substr(concat_ws(chr(31), "907a", "907y"), 3) else nullif(regexp_extract(lower(concat_ws(chr(31), "907a", "907y")), '(?:^|\x1f)\s*[\.]?b([0-9]{5,10}[0-9xa]?)\s*(?:\x1f|$)', 1), '') end as body
from bib_record where kind = 'bib'
