insert into issue_found
select 'error' as "severity", 'bib-no-number' as "code", 'bib' as "kind", '' as "record_id", k.source_file as "source_file", r.byte_start as "byte_start", null::bigint as "line", '' as "tag", '' as "column", 'extract.bib.number' as "rule", '' as "value", 'no record number in this record: it is set aside, nothing could refer to it' as "message"
from bib_key k join bib_record r using (record_no) where k.aside = 'bib-no-number' and r.kind = 'bib'
