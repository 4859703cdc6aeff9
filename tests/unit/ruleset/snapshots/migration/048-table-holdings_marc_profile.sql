create table holdings_marc_profile as
select distinct source_file, '' as profile from holdings_marc_key
