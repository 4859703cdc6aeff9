select record_no, place, seq, tag, is_control, "inner" from bib_new
order by record_no, place, seq, "inner"
