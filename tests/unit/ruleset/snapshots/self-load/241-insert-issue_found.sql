insert into issue_found
select 'error' as "severity", 'duplicate-number' as "code", 'item' as "kind", coalesce(k.number, f.key) as "record_id", r.source_file as "source_file", r.byte_start as "byte_start", null::bigint as "line", '' as "tag", '' as "column", f.rule as "rule", '' as "value", 'an earlier field of this bib has the same item number' as "message"
from item_field_aside f join bib_record r using (record_no) left join item_key k on k.key = f.key where f.code = 'duplicate-number'
