insert into issue_found
select 'error' as "severity", 'location-unmapped' as "code", 'holdings' as "kind", '' as "record_id", '' as "source_file", null::bigint as "byte_start", null::bigint as "line", '' as "tag", 'library, location' as "column", 'map.location' as "rule", k0 as "value", row_count || ' rows, for instance ' || array_to_string(examples, ', ') as "message"
from holdings_row_map_location where not mapped
