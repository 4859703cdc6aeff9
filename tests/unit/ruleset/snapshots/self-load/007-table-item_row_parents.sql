create table item_row_parents as
select (f.file_no << 40) + r.byte_start as row_id, f.extract, f.source_file, r."bib_number" as parents
from item_row r join item_row_file f on f.source_file = r.source_file and f.extract = 'item' where contains(r."bib_number", chr(31))
