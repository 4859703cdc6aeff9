create table patron_record_phone_row_again as
select null::bigint as row_id, null::varchar as key, null::varchar as what where false
