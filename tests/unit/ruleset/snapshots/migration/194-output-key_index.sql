select 'bib' as kind, k.key, k.number, k.source_file, k.record_no, null::int as field_no, null::bigint as line, r.byte_start, r.byte_count
from bib_key k join bib_record r using (record_no) where k.key is not null
union all select 'item', f.key, 'i' || f.key || mod11(f.key), r.source_file, f.record_no, (f.field_id & 1048575)::int, null, r.byte_start, r.byte_count
from item_embedded_key f join bib_record r on r.record_no = f.record_no
union all select 'holdings', key, number, source_file, record_no, null, null, byte_start, byte_count from holdings_key where key is not null
union all select 'item', f.key, 'i' || f.key || mod11(f.key), w.source_file, null, null, f.line, (f.row_id & 1099511627775), f.byte_count
from item_row_key f join item_row_file w on w.file_no = (f.row_id >> 40) where f.key is not null
union all select 'patron', f.key, 'p' || f.key || mod11(f.key), w.source_file, null, null, f.line, (f.row_id & 1099511627775), f.byte_count
from patron_row_key f join patron_row_file w on w.file_no = (f.row_id >> 40) where f.key is not null
order by kind, key, source_file, record_no, field_no, line, byte_start
