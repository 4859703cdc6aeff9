insert into issue_found
select 'warning' as "severity", 'suppress-undecided' as "code", 'bib' as "kind", '' as "record_id", '' as "source_file", null::bigint as "byte_start", null::bigint as "line", '' as "tag", 'bcode3' as "column", 'bib.suppress' as "rule", v as "value", n || ' bibs have this value; none is suppressed until bib.suppress names those' as "message"
from (select coalesce(suppress_value, '') as v, count(*) as n from bib_key where stream is not null group by 1)
