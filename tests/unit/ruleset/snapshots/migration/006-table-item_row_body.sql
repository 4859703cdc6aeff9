create table item_row_body as
select (f.file_no << 40) + r.byte_start as row_id, r.line, r.byte_count,
  nullif(regexp_extract(lower(r."number"), '(?:^|\x1f)\s*[\.]?i([0-9]{5,10}[0-9xa]?)\s*(?:\x1f|$)', 1), '') as body, nullif(regexp_extract(lower(r."bib_number"), '(?:^|\x1f)\s*[\.]?b([0-9]{5,10}[0-9xa]?)\s*(?:\x1f|$)', 1), '') as parent_body
from item_row r join item_row_file f on f.source_file = r.source_file and f.extract = 'item'
