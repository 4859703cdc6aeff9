insert into issue_found
select 'error' as "severity", 'duplicate-number' as "code", 'holdings' as "kind", coalesce(number, '') as "record_id", source_file as "source_file", byte_start as "byte_start", null::bigint as "line", '' as "tag", '' as "column", rule as "rule", '' as "value", 'an earlier record has the same number; this one is set aside' as "message"
from holdings_key where code = 'duplicate-number'
