create table code_tally as
select map, code, max(label) as label, sum(row_count)::bigint as row_count, bool_and(mapped) as mapped
from (
select 'item_status' as map, case when kind in ('', 'status') then k0 else concat_ws(' | ', nullif(kind, ''), k0) end as code, label, row_count, mapped or place as mapped from statuses_met
union all select 'location' as map, k0 as code, label, row_count, mapped from item_map_location
union all select 'item_type' as map, k0 as code, label, row_count, mapped from item_map_item_type
union all select 'patron_type' as map, k0 as code, label, row_count, mapped from patron_map_patron_type
union all select 'location' as map, k0 as code, label, row_count, mapped from holdings_row_map_location
union all select 'suppress' as map, coalesce(suppress_value, '') as code, stream as label, count(*) as row_count, false as mapped from bib_key where stream is not null group by suppress_value, stream
) group by map, code
