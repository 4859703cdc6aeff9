create table item_by_record_id as
select replace(value, ' ', '') as value, min(key) as key
from (select key, "src_record_id" as value from item_source where "src_record_id" is not null)
group by 1
