create table patron_row_file as
select source_file, row_number() over (order by source_file)::bigint as file_no
from (select distinct source_file from patron_row)
