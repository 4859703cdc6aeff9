create view item_field_merged as
select field_id, record_no from item_embedded_again
where what <> 'duplicate-number' and key not in (select key from item_aside)
union all
select field_id, field_id >> 20 from item_key
where field_id is not null and row_id is not null and key not in (select key from item_aside)
