select * from holdings_marc_new
order by record_no, place, seq, "inner"
