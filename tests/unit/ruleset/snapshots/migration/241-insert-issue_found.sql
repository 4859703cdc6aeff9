insert into issue_found
select 'warning' as "severity", 'value-missing' as "code", 'patron' as "kind", '' as "record_id", '' as "source_file", null::bigint as "byte_start", null::bigint as "line", '' as "tag", 'expiry_date' as "column", 'patron.expiry_date' as "rule", '' as "value", n || ' without it, for instance ' || array_to_string(examples, ', ') as "message"
from (select count(*) as n, min(number, 3) as examples from patron_out where "expiry_date" is null) where n > 0
