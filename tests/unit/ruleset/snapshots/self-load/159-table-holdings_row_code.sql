create table holdings_row_code as
select key, number, row_id, parent_record_no,
  coalesce("src_location", '') as k0_0
from holdings_row_source
