create view holdings_marc_edit_drop as
select record_no, field_no from holdings_marc_fields_0 where made < 0 and gone
