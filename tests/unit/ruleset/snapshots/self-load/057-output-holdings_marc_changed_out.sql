select * from holdings_marc_changed
order by record_no, field_no
