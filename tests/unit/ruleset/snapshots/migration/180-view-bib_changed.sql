create view bib_changed as
select 0::bigint as record_no, 0::int as field_no, '' as tag, false as is_control, '' as "inner" where false
