drop table patron_source
