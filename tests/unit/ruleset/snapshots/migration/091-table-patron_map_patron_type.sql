create table patron_map_patron_type as
select c.*, l.label, false as mapped, null::varchar as "user_group", '' as matched_by, null::varchar as map_file, null::bigint as map_line from (select k0_0 as k0, count(*) as row_count, min(number, 3) as examples from patron_code group by k0_0) c left join code_label l on l.kind = 'patron_type' and l.code = c.k0
