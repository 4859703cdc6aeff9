select * from holdings_marc_drop_tags
order by source_file, tag
