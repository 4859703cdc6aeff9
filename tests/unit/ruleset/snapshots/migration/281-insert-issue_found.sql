insert into issue_found
select 'warning' as "severity", 'holdings-same-key' as "code", 'holdings' as "kind", coalesce(number, '') as "record_id", source_file as "source_file", byte_start as "byte_start", null::bigint as "line", '' as "tag", '' as "column", 'extract.' || extract || '.key' as "rule", '' as "value", 'numbered by its place among those with the same key' as "message"
from holdings_key where same and code is null
