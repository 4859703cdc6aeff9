create table patron_code as
select number,
  coalesce("src_patron_type", '') as k0_0
from patron_source
