insert into issue_found
select 'error' as "severity", 'duplicate-bib-number' as "code", 'bib' as "kind", k.number as "record_id", k.source_file as "source_file", r.byte_start as "byte_start", null::bigint as "line", '' as "tag", '' as "column", 'number.bib' as "rule", '' as "value", 'the number of an earlier record; items go to that one' as "message"
from bib_key k join bib_record r using (record_no) join bib_first f on f.key = k.key where f.record_count > 1 and f.record_no <> k.record_no and k.stream is not null
