create table holdings_match as
select k.parent_number, "library", "location", min(k.number) as number, count(*) as record_count
from holdings_marc_key k join holdings_place using (record_no) where k.stream is not null
group by k.parent_number, "library", "location"
