insert into issue_found
select 'error' as "severity", 'holdings-no-number' as "code", 'holdings' as "kind", coalesce(number, '') as "record_id", source_file as "source_file", byte_start as "byte_start", null::bigint as "line", '' as "tag", '' as "column", rule as "rule", '' as "value", 'no record number in this record; it is set aside' as "message"
from holdings_key where code = 'holdings-no-number'
