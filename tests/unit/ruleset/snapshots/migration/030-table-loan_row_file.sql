create table loan_row_file as
select row_number() over (order by place, source_file)::bigint as file_no, extract, source_file
from (
select distinct 0 as place, 'loan' as extract, source_file from loan_row
union all select distinct 1 as place, 'loan_view' as extract, source_file from loan_view_row
union all select distinct 2 as place, 'loan_numbers' as extract, source_file from loan_numbers_row
)
