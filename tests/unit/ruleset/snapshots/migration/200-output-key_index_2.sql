select 'holdings' as kind, key as key, number as number, source_file as source_file, record_no::bigint as record_no, (null)::int as field_no, null::bigint as line, byte_start as byte_start, byte_count as byte_count
from holdings_key where key is not null
order by key, source_file, record_no, field_no, line, byte_start
