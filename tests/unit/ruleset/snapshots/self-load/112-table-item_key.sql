create table item_key as
select p.key, 'i' || p.key || mod11(p.key) as number, p.field_id, p.row_id,
  coalesce(p.told_record_no, own.home) as parent_record_no,
  coalesce(p.told_number, own.number) as parent_number, p.record_no as own_record_no,
  case when p.told_record_no = own.home then p.record_no else p.told_record_no end as told_record_no
from item_told p left join bib_key own on own.record_no = p.record_no and own.home is not null
order by own_record_no nulls last, field_id, row_id
