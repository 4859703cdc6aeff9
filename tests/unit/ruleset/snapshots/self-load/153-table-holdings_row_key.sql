create table holdings_row_key as
select b.row_id, b.line, b.byte_count, case when right(b.body, 1) in ('x', 'a') or c.has_check then left(b.body, -1) else b.body end as key, case when right(b.parent_body, 1) in ('x', 'a') or c.parent_has_check then left(b.parent_body, -1) else b.parent_body end as parent_key
from holdings_row_body b left join (
  select w.file_no, f.has_check, g.has_check as parent_has_check from holdings_row_file w
  left join number_form f on f.use = w.extract and f.source_file = w.source_file
  left join number_form g on g.use = w.extract || ' parent' and g.source_file = w.source_file
) c on c.file_no = (b.row_id >> 40)
