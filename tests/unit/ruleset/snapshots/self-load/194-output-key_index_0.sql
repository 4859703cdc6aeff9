select 'bib' as kind, k.key as key, k.number as number, k.source_file as source_file, k.record_no::bigint as record_no, (null)::int as field_no, null::bigint as line, r.byte_start as byte_start, r.byte_count as byte_count
from bib_key k join bib_record r using (record_no) where k.key is not null
order by key, source_file, record_no, field_no, line, byte_start
