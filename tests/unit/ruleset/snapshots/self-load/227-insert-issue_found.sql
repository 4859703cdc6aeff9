insert into issue_found
select 'warning' as "severity", 'bad-date' as "code", 'item' as "kind", '' as "record_id", '' as "source_file", null::bigint as "byte_start", null::bigint as "line", '' as "tag", 'last_loan_date' as "column", 'item.last_loan_date' as "rule", '' as "value", n || ' are no date, left empty; for instance ' || array_to_string(examples, ', ') as "message"
from (select count(*) as n, min(number, 3) as examples from item_out where "bad_last_loan_date") where n > 0
