create table patron_record_phone_row_file as
select row_number() over (order by place, source_file)::bigint as file_no, extract, source_file
from (
select distinct 0 as place, 'patron_record_phone' as extract, source_file from patron_record_phone_row
)
