select * from profile_report
order by extract, source_file, place
