select * from holdings_made_field
order by record_no, place
