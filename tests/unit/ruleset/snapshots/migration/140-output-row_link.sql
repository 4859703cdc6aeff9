select '' as extract, '' as kind, '' as of_kind, '' as of_key, '' as patron_key, '' as source_file, 0::bigint as record_no, 0::bigint as line, 0::bigint as byte_start, 0::bigint as byte_count where false
order by of_kind, of_key, extract, source_file, byte_start
