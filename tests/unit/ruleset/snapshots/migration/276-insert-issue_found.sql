insert into issue_found
select 'note' as "severity", 'item-several-requests' as "code", 'item' as "kind", '' as "record_id", '' as "source_file", null::bigint as "byte_start", null::bigint as "line", '' as "tag", '' as "column", 'links of request' as "rule", '' as "value", n || ' items have more than one request' as "message"
from (select count(*) as n from request_key where nth = 2) where n > 0
