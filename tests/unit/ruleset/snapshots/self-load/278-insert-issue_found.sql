insert into issue_found
select 'warning' as "severity", 'code-unmapped' as "code", 'item' as "kind", '' as "record_id", '' as "source_file", null::bigint as "byte_start", null::bigint as "line", '' as "tag", 'base_status' as "column", 'map.item_status' as "rule", case when kind in ('', 'status') then k0 else concat_ws(' | ', nullif(kind, ''), k0) end as "value", row_count || ' rows, for instance ' || array_to_string(examples, ', ') as "message"
from statuses_met where not mapped and not place
