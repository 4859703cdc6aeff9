create table item_row_parents as
select (f.file_no << 40) + r.line as row_id, source_file, "bib_number" as parents
from item_row r join item_row_file f using (source_file) where contains("bib_number", chr(31))
