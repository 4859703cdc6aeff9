create table bib_body as
select record_no, source_file, nullif(regexp_extract(lower(concat_ws(chr(31), "907a", "907y")), '(?:^|\x1f)\s*[\.]?b([0-9]{5,10}[0-9xa]?)\s*(?:\x1f|$)', 1), '') as body
from bib_record where kind = 'bib'
