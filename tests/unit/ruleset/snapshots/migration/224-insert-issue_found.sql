insert into issue_found
select 'warning' as "severity", 'code-unmapped' as "code", 'item' as "kind", '' as "record_id", '' as "source_file", null::bigint as "byte_start", null::bigint as "line", '' as "tag", 'item_policy, physical_material_type' as "column", 'map.item_type' as "rule", k0 as "value", row_count || ' rows, for instance ' || array_to_string(examples, ', ') as "message"
from item_map_item_type where not mapped
