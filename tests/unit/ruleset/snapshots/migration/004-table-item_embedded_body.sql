create table item_embedded_body as
select * from (
select record_no, (record_no << 20) + field_no as field_id, source_file, 'item_945' as extract, case when regexp_full_match("y", 'i[0-9]{5,10}[0-9xa]?') then substr("y", 2) when regexp_full_match("y", '\.i[0-9]{5,10}[0-9xa]?') then substr("y", 3) else nullif(regexp_extract(lower("y"), '(?:^|\x1f)\s*[\.]?i([0-9]{5,10}[0-9xa]?)\s*(?:\x1f|$)', 1), '') end as body from item_945_embedded
union all select record_no, (record_no << 20) + field_no as field_id, source_file, 'item_999' as extract, case when regexp_full_match("i", 'i[0-9]{5,10}[0-9xa]?') then substr("i", 2) when regexp_full_match("i", '\.i[0-9]{5,10}[0-9xa]?') then substr("i", 3) else nullif(regexp_extract(lower("i"), '(?:^|\x1f)\s*[\.]?i([0-9]{5,10}[0-9xa]?)\s*(?:\x1f|$)', 1), '') end as body from item_999_embedded
) where body is not null
