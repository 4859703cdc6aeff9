select 'item' as kind, f.key as key, 'i' || f.key || mod11(f.key) as number, w.source_file as source_file, null::bigint as record_no, (null)::int as field_no, f.line::bigint as line, (f.row_id & 1099511627775) as byte_start, f.byte_count as byte_count
from item_row_key f join item_row_file w on w.file_no = (f.row_id >> 40) where f.key is not null
order by key, source_file, record_no, field_no, line, byte_start
