insert into issue_found
select 'warning' as "severity", 'edit-not-made' as "code", 'bib' as "kind", '' as "record_id", '' as "source_file", null::bigint as "byte_start", null::bigint as "line", '001' as "tag", '' as "column", 'bib.edit control-number' as "rule", '' as "value", n || ' bibs lack what it takes (number), for instance ' || array_to_string(examples, ', ') as "message"
from (select n2 as n, xn2 as examples from bib_edit_lacks) where n > 0
