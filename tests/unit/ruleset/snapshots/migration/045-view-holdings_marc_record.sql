create view holdings_marc_record as
select 0 + r.record_no as record_no, r.source_file, r.leader, null::varchar as "LDR"
from checkin_marc_record r
