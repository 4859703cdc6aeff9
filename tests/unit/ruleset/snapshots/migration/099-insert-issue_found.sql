insert into issue_found
select 'warning' as "severity", 'code-unmapped' as "code", 'item' as "kind", '' as "record_id", '' as "source_file", null::bigint as "byte_start", null::bigint as "line", '' as "tag", 'base_status' as "column", 'map.item_status' as "rule", k0 as "value", row_count || ' rows, for instance ' || array_to_string(examples, ', ') as "message"
from item_map_item_status where not mapped
