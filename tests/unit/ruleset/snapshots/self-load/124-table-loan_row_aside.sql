create table loan_row_aside as
select row_id, key, 'row-left-out' as code, 'only_if' as rule from loan_row_again
union all
select row_id, key, 'loan-no-item', 'links' from loan_key where item_key is null
