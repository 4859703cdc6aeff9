drop table patron_row_body
