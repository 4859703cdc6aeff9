create table item_row_file as
select row_number() over (order by place, source_file)::bigint as file_no, extract, source_file
from (
select distinct 0 as place, 'item' as extract, source_file from item_row
union all select distinct 1 as place, 'item_view' as extract, source_file from item_view_row
)
