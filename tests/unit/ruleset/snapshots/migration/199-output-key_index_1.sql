select 'item' as kind, f.key as key, 'i' || f.key || mod11(f.key) as number, r.source_file as source_file, f.record_no::bigint as record_no, ((f.field_id & 1048575)::int)::int as field_no, null::bigint as line, r.byte_start as byte_start, r.byte_count as byte_count
from item_embedded_key f join bib_record r on r.record_no = f.record_no
order by key, source_file, record_no, field_no, line, byte_start
