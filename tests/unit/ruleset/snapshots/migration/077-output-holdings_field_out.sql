select * from holdings_field
order by record_no, place
