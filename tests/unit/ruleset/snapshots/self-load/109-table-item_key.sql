create table item_key as
select p.key, 'i' || p.key || mod11(p.key) as number, p.field_id, p.row_id,
  coalesce(b.record_no, own.home) as parent_record_no,
  coalesce(b.number, own.number) as parent_number, p.record_no as own_record_no,
  case when b.record_no = own.home then p.record_no else b.record_no end as told_record_no
from (
  select coalesce(r.key, e.key) as key, e.field_id, e.record_no, r.row_id, r.parent_key
  from (select key, field_id, record_no from item_embedded_key anti join item_embedded_again using (field_id)) e full join (select key, min(row_id) as row_id, arg_min(parent_key, row_id) as parent_key from item_row_key anti join item_row_again using (row_id) group by key) r on r.key = e.key) p
left join bib_first b on b.key = p.parent_key
left join bib_key own on own.record_no = p.record_no and own.home is not null
order by own_record_no nulls last, field_id, row_id
