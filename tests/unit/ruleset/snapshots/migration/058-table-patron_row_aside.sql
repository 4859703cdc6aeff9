create table patron_row_aside as
select row_id, key, what as code, 'number.patron' as rule from patron_row_again
