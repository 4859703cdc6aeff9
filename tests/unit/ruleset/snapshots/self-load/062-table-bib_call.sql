create table bib_call as
select record_no, scheme,
  case when starts_with(whole, part) then part else whole end as class_part,
  case when starts_with(whole, part) then nullif(trim(substr(whole, length(part) + 1)), '') end as item_part
from (
  select record_no, case when w0 is not null then '0' when w1 is not null then '0' when w2 is not null then '1' when w3 is not null then '1' when w4 is not null then '2' when w5 is not null then '2' when w6 is not null then '3' when w7 is not null then '8' end as scheme, case when w0 is not null then w0 when w1 is not null then w1 when w2 is not null then w2 when w3 is not null then w3 when w4 is not null then w4 when w5 is not null then w5 when w6 is not null then w6 when w7 is not null then w7 end as whole,
    coalesce(case when w0 is not null then c0 when w1 is not null then c1 when w2 is not null then c2 when w3 is not null then c3 when w4 is not null then c4 when w5 is not null then c5 when w6 is not null then c6 when w7 is not null then c7 end, '') as part
  from (select record_no,
    first_of(r."050ab") as w0, first_of(r."050a") as c0,
    first_of(r."090ab") as w1, first_of(r."090a") as c1,
    first_of(r."082ab") as w2, first_of(r."082a") as c2,
    first_of(r."092ab") as w3, first_of(r."092a") as c3,
    first_of(r."060ab") as w4, first_of(r."060a") as c4,
    first_of(r."096ab") as w5, first_of(r."096a") as c5,
    first_of(r."086a") as w6, first_of(r."086a") as c6,
    first_of(r."099a") as w7, first_of(r."099a") as c7
  from bib_record r)
) where whole is not null
