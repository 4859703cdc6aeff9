insert into issue_found
select 'note' as "severity", 'item-several-bibs' as "code", 'item' as "kind", '' as "record_id", '' as "source_file", null::bigint as "byte_start", null::bigint as "line", '' as "tag", '' as "column", 'number.item' as "rule", '' as "value", n || ' more places of items that hang on several bibs, for instance ' || array_to_string(examples, ', ') as "message"
from (select count(*) as n, min(coalesce(k.number, g.key), 3) as examples from item_embedded_again g left join item_key k on k.key = g.key where g.what = 'several-bibs') where n > 0
