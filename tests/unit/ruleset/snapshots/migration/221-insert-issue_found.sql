insert into issue_found
select 'warning' as "severity", 'check-digit' as "code", split_part(use, ' ', 1) as "kind", '' as "record_id", source_file as "source_file", null::bigint as "byte_start", null::bigint as "line", '' as "tag", use as "column", '' as "rule", '' as "value", (tested_count - passed_count) || ' of ' || tested_count || ' numbers have a check digit that does not fit' as "message"
from number_form where has_check and passed_count < tested_count
