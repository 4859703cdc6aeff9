create table request_row_aside as
select row_id, key, 'row-left-out' as code, 'only_if' as rule from request_row_again
union all
select row_id, key, 'request-no-item', 'links' from request_key where item_key is null
