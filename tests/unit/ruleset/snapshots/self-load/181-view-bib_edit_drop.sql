create view bib_edit_drop as
select 0::bigint as record_no, 0::int as field_no where false
