create table holdings_row_again as
select row_id, key, 'holdings-no-number' as what from holdings_row_key where key is null
union all
select row_id, key, 'duplicate-number' as what from (
  select row_id, key, row_number() over (partition by extract, key order by row_id) as nth
  from holdings_row_key k semi join (
    select key from holdings_row_key where key is not null group by key having count(*) > 1
  ) using (key) join holdings_row_file w on w.file_no = (k.row_id >> 40)
) where nth > 1
