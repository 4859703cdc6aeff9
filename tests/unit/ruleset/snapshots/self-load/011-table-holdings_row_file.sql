create table holdings_row_file as
select row_number() over (order by place, source_file)::bigint as file_no, extract, source_file
from (
select distinct 0 as place, 'checkin' as extract, source_file from checkin_row
union all select distinct 1 as place, 'checkin_view' as extract, source_file from checkin_view_row
)
