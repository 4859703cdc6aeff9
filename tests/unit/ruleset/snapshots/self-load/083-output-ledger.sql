select source_file, kind, sum(written_count)::bigint as written_count, sum(merged_count)::bigint as merged_count, sum(set_aside_count)::bigint as set_aside_count, sum(made_count)::bigint as made_count, '' as parents from (
select source_file as source_file, 'bib' as kind, count(*) as written_count, 0 as merged_count, 0 as set_aside_count, 0 as made_count from bib_key where stream is not null group by 1
union all select source_file as source_file, 'bib' as kind, 0 as written_count, count(*) as merged_count, 0 as set_aside_count, 0 as made_count from bib_key where stream is null and home is not null group by 1
union all select source_file as source_file, 'bib' as kind, 0 as written_count, 0 as merged_count, count(*) as set_aside_count, 0 as made_count from bib_key k where k.home is null group by 1
union all select r.source_file as source_file, 'item' as kind, count(*) as written_count, 0 as merged_count, 0 as set_aside_count, 0 as made_count from item_key k join bib_key r on r.record_no = (k.field_id >> 20) where k.row_id is null and k.key not in (select key from item_aside) group by 1
union all select r.source_file as source_file, 'item' as kind, 0 as written_count, count(*) as merged_count, 0 as set_aside_count, 0 as made_count from item_field_merged k join bib_key r on r.record_no = (k.field_id >> 20) group by 1
union all select r.source_file as source_file, 'item' as kind, 0 as written_count, 0 as merged_count, count(*) as set_aside_count, 0 as made_count from item_field_aside k join bib_key r on r.record_no = (k.field_id >> 20) group by 1
union all select w.source_file as source_file, 'item' as kind, count(*) as written_count, 0 as merged_count, 0 as set_aside_count, 0 as made_count from item_key k join item_row_file w on w.file_no = (k.row_id >> 40) where k.key not in (select key from item_aside) group by 1
union all select w.source_file as source_file, 'item' as kind, 0 as written_count, 0 as merged_count, count(*) as set_aside_count, 0 as made_count from item_row_aside k join item_row_file w on w.file_no = (k.row_id >> 40) group by 1
union all select w.source_file as source_file, 'patron' as kind, count(*) as written_count, 0 as merged_count, 0 as set_aside_count, 0 as made_count from patron_key k join patron_row_file w on w.file_no = (k.row_id >> 40)  group by 1
union all select w.source_file as source_file, 'patron' as kind, 0 as written_count, 0 as merged_count, count(*) as set_aside_count, 0 as made_count from patron_row_aside k join patron_row_file w on w.file_no = (k.row_id >> 40) group by 1
) group by source_file, kind
union all select '(made)', 'holdings', 0, 0, 0, count(*), 'item' from holdings
order by source_file, kind
