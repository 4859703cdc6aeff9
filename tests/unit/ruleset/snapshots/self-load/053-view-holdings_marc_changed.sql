create view holdings_marc_changed as
select record_no, field_no, tag, is_control, "inner" from holdings_marc_fields_0 where made < 0 and hit and not gone
