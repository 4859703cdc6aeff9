create table code_tally as
select 'location' as map, k0 as code, label, row_count, mapped from item_map_location
union all select 'item_type' as map, k0 as code, label, row_count, mapped from item_map_item_type
union all select 'item_status' as map, k0 as code, label, row_count, mapped from item_map_item_status
union all select 'patron_type' as map, k0 as code, label, row_count, mapped from patron_map_patron_type
union all select 'suppress' as map, coalesce(suppress_value, '') as code, stream as label, count(*) as row_count, false as mapped from bib_key where stream is not null group by suppress_value, stream
