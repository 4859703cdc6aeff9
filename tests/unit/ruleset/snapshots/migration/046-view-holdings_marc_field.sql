create view holdings_marc_field as
select 0 + record_no as record_no, field_no, tag::varchar as tag, is_control, "inner" from checkin_marc_field
