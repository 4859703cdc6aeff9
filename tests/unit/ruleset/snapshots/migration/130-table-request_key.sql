create table request_key as
select row_id, key, item_key, patron_key, 
  case when item_key is not null then row_number() over (partition by item_key order by row_id) end as nth
from (
  select b.row_id, k.key, coalesce(itn.key, it0.key) as item_key, coalesce(pan.key, pa0.key) as patron_key
  from request_link_body b join request_row_key k using (row_id)
  join request_row_file w on w.file_no = (b.row_id >> 40)
  left join number_form itf on itf.use = w.extract || ' item' and itf.source_file = w.source_file
  left join item_key itn on itn.key = case when right(b.item_body, 1) in ('x', 'a') or itf.has_check then left(b.item_body, -1) else b.item_body end
  left join item_by_record_id it0 on it0.value = b."item_record_id"
  left join number_form paf on paf.use = w.extract || ' patron' and paf.source_file = w.source_file
  left join patron_key pan on pan.key = case when right(b.patron_body, 1) in ('x', 'a') or paf.has_check then left(b.patron_body, -1) else b.patron_body end
  left join patron_by_record_id pa0 on pa0.value = b."patron_record_id"
   where k.kept
)
