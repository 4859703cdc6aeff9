create table bib_first as
select key, min(record_no) as record_no, any_value(number) as number, count(*) as record_count
from bib_key where key is not null group by key
