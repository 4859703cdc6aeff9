select * from code_tally
order by map, code, label, row_count, mapped
