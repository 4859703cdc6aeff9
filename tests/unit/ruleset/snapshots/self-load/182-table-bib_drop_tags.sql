create table bib_drop_tags as
select source_file, '001' as tag from bib_profile
union select source_file, '003' as tag from bib_profile
union select source_file, '907' as tag from bib_profile where profile = 'A'
union select source_file, '998' as tag from bib_profile where profile = 'A'
union select source_file, '902' as tag from bib_profile where profile = 'B'
union select source_file, '907' as tag from bib_profile where profile = 'B'
union select source_file, '998' as tag from bib_profile where profile = 'B'
union select source_file, '902' as tag from bib_profile where profile = 'B-999'
union select source_file, '907' as tag from bib_profile where profile = 'B-999'
union select source_file, '999' as tag from bib_profile where profile = 'B-999'
union select source_file, '907' as tag from bib_profile where profile = 'C'
union select source_file, '999' as tag from bib_profile where profile = 'C'
union select source_file, '907' as tag from bib_profile where profile = 'number-only'
