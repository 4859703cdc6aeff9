create view holdings_marc_new as
select record_no, made as place, seq, tag, is_control, "inner" from holdings_marc_fields_0 where made >= 0 and not gone
