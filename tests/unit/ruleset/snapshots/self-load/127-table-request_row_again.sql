create table request_row_again as
select row_id, key, 'left-out' as what from request_row_key where not kept
