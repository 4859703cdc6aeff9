insert into issue_found
select 'warning' as "severity", 'repeats-left-out' as "code", 'item' as "kind", '' as "record_id", '' as "source_file", null::bigint as "byte_start", null::bigint as "line", '' as "tag", name as "column", 'extract.item_999' as "rule", '' as "value", n || ' have more than one value; the first was taken: ' || array_to_string(examples, ', ') as "message"
from (select name, count(*) as n, min(number, 3) as examples from (
  select number, unnest(string_split(rtrim(names, ';'), ';')) as name from (
    select k.number, case when contains(s."b", chr(31)) then 'barcode;' else '' end || case when contains(s."q", chr(31)) then 'call_number_class;' else '' end || case when contains(s."c", chr(31)) then 'copy;' else '' end || case when contains(s."t", chr(31)) then 'item_type;' else '' end || case when contains(s."l", chr(31)) then 'location;' else '' end || case when contains(s."o", chr(31)) then 'total_checkouts;' else '' end || case when contains(s."v", chr(31)) then 'volume;' else '' end as names from item_999_embedded s join item_key k on k.field_id = (s.record_no << 20) + s.field_no where k.key not in (select key from item_aside)
  ) where names <> ''
) group by name)
