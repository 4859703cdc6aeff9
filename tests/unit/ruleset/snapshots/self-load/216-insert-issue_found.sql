insert into issue_found
select 'warning' as "severity", 'holdings-several-match' as "code", 'holdings' as "kind", '' as "record_id", '' as "source_file", null::bigint as "byte_start", null::bigint as "line", '' as "tag", '' as "column", 'holdings.match' as "rule", '' as "value", n || ' places have several MARC holdings; items go to the first, for instance ' || array_to_string(examples, ', ') as "message"
from (select count(*) as n, min(number, 3) as examples from holdings_match where record_count > 1) where n > 0
