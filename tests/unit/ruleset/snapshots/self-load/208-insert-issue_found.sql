insert into issue_found
select 'error' as "severity", 'not-a-bib' as "code", 'bib' as "kind", '' as "record_id", k.source_file as "source_file", r.byte_start as "byte_start", null::bigint as "line", '' as "tag", '' as "column", 'extract.bib' as "rule", r.kind as "value", 'leader/06 says ' || r.kind || ', and no rule reads such records here: it is set aside' as "message"
from bib_key k join bib_record r using (record_no) anti join holdings_inside using (record_no) where k.home is null and r.kind <> 'bib'
