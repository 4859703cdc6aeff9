select * from bib_changed
order by record_no, field_no
