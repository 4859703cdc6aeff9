insert into issue_found
select 'warning' as "severity", 'bib-deleted' as "code", 'bib' as "kind", '' as "record_id", '' as "source_file", null::bigint as "byte_start", null::bigint as "line", '' as "tag", '' as "column", 'bib.deleted' as "rule", '' as "value", n || ' bibs are marked as deleted (leader/05): they are set aside as the rule says' as "message"
from (select count(*) as n, min(number, 3) as examples from bib_key where deleted and aside = 'bib-deleted') where n > 0
