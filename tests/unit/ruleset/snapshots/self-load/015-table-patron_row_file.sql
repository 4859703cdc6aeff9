create table patron_row_file as
select row_number() over (order by place, source_file)::bigint as file_no, extract, source_file
from (
select distinct 0 as place, 'patron' as extract, source_file from patron_row
union all select distinct 1 as place, 'patron_view' as extract, source_file from patron_view_row
)
