create table issue_found as
select * from (select null::varchar as "severity", null::varchar as "code", null::varchar as "kind", null::varchar as "record_id", null::varchar as "source_file", null::bigint as "byte_start", null::bigint as "line", null::varchar as "tag", null::varchar as "column", null::varchar as "rule", null::varchar as "value", null::varchar as "message") where false
