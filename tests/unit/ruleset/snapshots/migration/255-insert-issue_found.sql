insert into issue_found
select 'warning' as "severity", 'repeats-left-out' as "code", 'patron' as "kind", '' as "record_id", '' as "source_file", null::bigint as "byte_start", null::bigint as "line", '' as "tag", name as "column", 'extract.patron_view' as "rule", '' as "value", n || ' have more than one value; the first was taken: ' || array_to_string(examples, ', ') as "message"
from (select name, count(*) as n, min(number, 3) as examples from (
  select number, unnest(string_split(rtrim(names, ';'), ';')) as name from (
    select k.number, case when contains(s."birth", chr(31)) then 'birth;' else '' end || case when contains(s."expiry", chr(31)) then 'expiry;' else '' end || case when contains(s."patron_type", chr(31)) then 'patron_type;' else '' end as names from patron_view_row s join patron_row_file f on f.source_file = s.source_file and f.extract = 'patron_view' join patron_key k on k.row_id = (f.file_no << 40) + s.byte_start
  ) where names <> ''
) group by name)
