create table bib_profile as
select source_file, case when s0 >= 0.5 and s1 >= 0.5 then 'A' when s2 >= 0.5 and s1 >= 0.5 then 'B' when s2 >= 0.5 and s3 >= 0.5 then 'B-999' when s4 >= 0.5 and s3 >= 0.5 and s5 >= 0.5 then 'C' when true then 'number-only' else 'number-only' end as profile from bib_share
