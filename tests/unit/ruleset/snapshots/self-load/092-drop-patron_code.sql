drop table patron_code
