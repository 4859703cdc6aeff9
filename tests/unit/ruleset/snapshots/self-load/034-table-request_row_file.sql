create table request_row_file as
select row_number() over (order by place, source_file)::bigint as file_no, extract, source_file
from (
select distinct 0 as place, 'request' as extract, source_file from request_row
union all select distinct 1 as place, 'hold_shelf' as extract, source_file from hold_shelf_row
union all select distinct 2 as place, 'request_view' as extract, source_file from request_view_row
union all select distinct 3 as place, 'request_numbers' as extract, source_file from request_numbers_row
)
