select case when kind in ('', 'status') then k0 else concat_ws(' | ', nullif(kind, ''), k0) end as code, label, row_count, "base_status", "process_type", "note"
from statuses_met where not place
order by code
