select * from number_form
order by use, source_file
