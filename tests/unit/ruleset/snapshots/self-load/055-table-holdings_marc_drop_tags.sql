create table holdings_marc_drop_tags as
select '' as source_file, '' as tag where false
