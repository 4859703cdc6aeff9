select extract, source_file, record_no, number, parent_number from holdings_key where code is null
order by extract, record_no
