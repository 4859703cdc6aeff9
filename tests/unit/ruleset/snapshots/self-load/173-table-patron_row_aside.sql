create table patron_row_aside as
select row_id, key, case what when 'left-out' then 'row-left-out' else what end as code, case what when 'left-out' then 'only_if' else 'number.patron' end as rule from patron_row_again
