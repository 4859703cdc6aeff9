create table holdings_row_aside as
select row_id, key, case what when 'left-out' then 'row-left-out' else what end as code, case what when 'left-out' then 'only_if' else 'number' end as rule from holdings_row_again
union all
select row_id, key, code, rule from holdings_row_lost
union all
select l.row_id, l.key, a.code, a.rule from holdings_row_later l join holdings_row_lost a using (key)
