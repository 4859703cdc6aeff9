create table item_map_location as
select c.*, null::varchar as label, false as mapped, null::varchar as "library", null::varchar as "location", null::varchar as "call_number_type", '' as matched_by, null::varchar as map_file, null::bigint as map_line from (select k0_0 as k0, count(*) as row_count, min(number, 3) as examples from item_code group by k0_0) c
