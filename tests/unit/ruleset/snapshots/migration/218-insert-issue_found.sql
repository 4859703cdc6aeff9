insert into issue_found
select 'warning' as "severity", 'code-unmapped' as "code", 'holdings' as "kind", '' as "record_id", '' as "source_file", null::bigint as "byte_start", null::bigint as "line", '852' as "tag", '' as "column", 'holdings.edit location' as "rule", v as "value", n || ' fields have this value, for instance in ' || array_to_string(examples, ', ') as "message"
from (select v, n, (select list(k.number order by k.number) from holdings_marc_key k where k.record_no in (select unnest(t.records))) as examples from holdings_marc_fields_0_unmapped_0 t)
