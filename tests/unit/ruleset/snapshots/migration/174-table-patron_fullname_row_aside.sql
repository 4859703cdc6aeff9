create table patron_fullname_row_aside as
select row_id, key, 'row-left-out' as code, 'only_if' as rule from patron_fullname_row_again
union all
select row_id, key, 'nothing-to-add-to', 'links' from patron_fullname_row_key k anti join patron_fullname_row_again using (row_id)
where not exists (select 1 from (select "src_record_id" from patron_source) t(v) where t.v = k.key)
