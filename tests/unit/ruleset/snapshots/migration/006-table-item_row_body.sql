create table item_row_body as
select (f.file_no << 40) + r.line as row_id, r.source_file, r.byte_start, r.byte_count,
  nullif(regexp_extract(lower("number"), '(?:^|\x1f)\s*[\.]?i([0-9]{5,10}[0-9xa]?)\s*(?:\x1f|$)', 1), '') as body, nullif(regexp_extract(lower("bib_number"), '(?:^|\x1f)\s*[\.]?b([0-9]{5,10}[0-9xa]?)\s*(?:\x1f|$)', 1), '') as parent_body
from item_row r join item_row_file f using (source_file)
