create table holdings_marc_key as
select case extract when 'checkin_marc' then 0 end + record_no as record_no, source_file, number, parent_number, case when code is null then 'holdings' end as stream
from holdings_key
