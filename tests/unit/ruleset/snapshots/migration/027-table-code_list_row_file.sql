create table code_list_row_file as
select row_number() over (order by place, source_file)::bigint as file_no, extract, source_file
from (
select distinct 0 as place, 'location_list' as extract, source_file from location_list_row
union all select distinct 1 as place, 'item_type_list' as extract, source_file from item_type_list_row
union all select distinct 2 as place, 'patron_type_list' as extract, source_file from patron_type_list_row
union all select distinct 3 as place, 'item_status_list' as extract, source_file from item_status_list_row
)
