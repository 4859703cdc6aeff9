insert into issue_found
select 'warning' as "severity", 'code-unmapped' as "code", 'patron' as "kind", '' as "record_id", '' as "source_file", null::bigint as "byte_start", null::bigint as "line", '' as "tag", 'user_group' as "column", 'map.patron_type' as "rule", k0 as "value", row_count || ' rows, for instance ' || array_to_string(examples, ', ') as "message"
from patron_map_patron_type where not mapped
