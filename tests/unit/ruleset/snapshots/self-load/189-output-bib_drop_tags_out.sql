select * from bib_drop_tags
order by source_file, tag
