insert into issue_found
select 'warning' as "severity", 'item-several-loans' as "code", 'item' as "kind", '' as "record_id", '' as "source_file", null::bigint as "byte_start", null::bigint as "line", '' as "tag", '' as "column", 'links of loan' as "rule", '' as "value", n || ' items have more than one loan' as "message"
from (select count(*) as n from loan_key where nth = 2) where n > 0
