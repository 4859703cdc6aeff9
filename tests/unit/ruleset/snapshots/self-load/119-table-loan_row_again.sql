create table loan_row_again as
select row_id, key, 'left-out' as what from loan_row_key where not kept
