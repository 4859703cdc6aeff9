select bib_number, number as item_number from item_out
union select b.number, o.number from item_embedded_again g join item_key k on k.key = g.key join item_out o on o.number = k.number join bib_key b on b.record_no = g.record_no where g.what = 'several-bibs' and b.home is not null
union select b.number, o.number from (
  select row_id, extract, source_file, unnest(string_split(parents, chr(31))) as v from item_row_parents
) p join number_form g on g.use = p.extract || ' parent' and g.source_file = p.source_file join item_row_key r on r.row_id = p.row_id anti join item_row_again a on a.row_id = p.row_id join item_key k on k.key = r.key join item_out o on o.number = k.number join bib_first b on b.key = case when right(nullif(regexp_extract(lower(p.v), '(?:^|\x1f)\s*[\.]?b([0-9]{5,10}[0-9xa]?)\s*(?:\x1f|$)', 1), ''), 1) in ('x', 'a') or g.has_check then left(nullif(regexp_extract(lower(p.v), '(?:^|\x1f)\s*[\.]?b([0-9]{5,10}[0-9xa]?)\s*(?:\x1f|$)', 1), ''), -1) else nullif(regexp_extract(lower(p.v), '(?:^|\x1f)\s*[\.]?b([0-9]{5,10}[0-9xa]?)\s*(?:\x1f|$)', 1), '') end
union select b.number, o.number from item_row_key r anti join item_row_again using (row_id) join item_key k on k.key = r.key join item_out o on o.number = k.number join bib_first b on b.key = r.parent_key
order by bib_number, item_number
