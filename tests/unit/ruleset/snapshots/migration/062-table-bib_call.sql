create table bib_call as
select record_no, scheme,
  case when starts_with(whole, part) then part else whole end as class_part,
  case when starts_with(whole, part) then nullif(trim(substr(whole, length(part) + 1)), '') end as item_part
from (
  select record_no, case when first_of(r."050ab") is not null then '0' when first_of(r."090ab") is not null then '0' when first_of(r."082ab") is not null then '1' when first_of(r."092ab") is not null then '1' when first_of(r."060ab") is not null then '2' when first_of(r."096ab") is not null then '2' when first_of(r."086a") is not null then '3' when first_of(r."099a") is not null then '8' end as scheme, case when first_of(r."050ab") is not null then first_of(r."050ab") when first_of(r."090ab") is not null then first_of(r."090ab") when first_of(r."082ab") is not null then first_of(r."082ab") when first_of(r."092ab") is not null then first_of(r."092ab") when first_of(r."060ab") is not null then first_of(r."060ab") when first_of(r."096ab") is not null then first_of(r."096ab") when first_of(r."086a") is not null then first_of(r."086a") when first_of(r."099a") is not null then first_of(r."099a") end as whole,
    coalesce(case when first_of(r."050ab") is not null then first_of(r."050a") when first_of(r."090ab") is not null then first_of(r."090a") when first_of(r."082ab") is not null then first_of(r."082a") when first_of(r."092ab") is not null then first_of(r."092a") when first_of(r."060ab") is not null then first_of(r."060a") when first_of(r."096ab") is not null then first_of(r."096a") when first_of(r."086a") is not null then first_of(r."086a") when first_of(r."099a") is not null then first_of(r."099a") end, '') as part
  from bib_record r
) where whole is not null
