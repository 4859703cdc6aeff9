insert into issue_found
select 'note' as "severity", 'check-digit-guess' as "code", split_part(use, ' ', 1) as "kind", '' as "record_id", source_file as "source_file", null::bigint as "byte_start", null::bigint as "line", '' as "tag", use as "column", '' as "rule", '' as "value", 'only ' || tested_count || ' numbers: taken as ' || case when has_check then 'with' else 'without' end || ' check digit' as "message"
from number_form where tested_count between 1 and 19 and split_part(use, ' ', 1) not in ('checkin_view', 'item_view', 'loan_numbers', 'request_numbers', 'patron_view')
