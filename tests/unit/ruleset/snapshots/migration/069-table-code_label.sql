create table code_label as
select kind, code, arg_min(label, place) as label
from (
select case (select extract from code_list_row_file where file_no = (r.row_id >> 40)) when 'location_list' then coalesce(null::varchar, 'location') when 'item_type_list' then coalesce(null::varchar, 'item_type') when 'patron_type_list' then coalesce(null::varchar, 'patron_type') when 'item_status_list' then coalesce(null::varchar, 'item_status') end as kind, r.code, r.label, r.row_id as place
from code_list_row_clean r where r.code is not null and r.label is not null
) group by kind, code
