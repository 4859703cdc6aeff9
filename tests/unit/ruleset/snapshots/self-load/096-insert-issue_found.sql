insert into issue_found
select 'note' as "severity", 'matched-by-label' as "code", 'item' as "kind", '' as "record_id", '' as "source_file", null::bigint as "byte_start", null::bigint as "line", '' as "tag", '' as "column", map_file || ':' || map_line as "rule", k0 as "value", 'taken as ' || label || ' by its label: ' || row_count || ' rows, for instance ' || array_to_string(examples, ', ') as "message"
from item_map_item_status where mapped and matched_by = 'label'
