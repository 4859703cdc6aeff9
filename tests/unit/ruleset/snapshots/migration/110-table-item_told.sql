create table item_told as
select p.key, p.field_id, p.record_no, p.row_id, b.record_no as told_record_no, b.number as told_number
from item_pair p left join bib_first b on b.key = p.parent_key
