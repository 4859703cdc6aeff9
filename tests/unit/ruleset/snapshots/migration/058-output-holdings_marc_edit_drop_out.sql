select * from holdings_marc_edit_drop
order by record_no, field_no
