insert into issue_found
select 'note' as "severity", 'matched-by-label' as "code", 'item' as "kind", '' as "record_id", '' as "source_file", null::bigint as "byte_start", null::bigint as "line", '' as "tag", '' as "column", map_file || ':' || map_line as "rule", case when kind in ('', 'status') then k0 else concat_ws(' | ', nullif(kind, ''), k0) end as "value", 'taken as ' || label || ' by its label: ' || row_count || ' rows, for instance ' || array_to_string(examples, ', ') as "message"
from statuses_met where mapped and matched_by = 'label'
