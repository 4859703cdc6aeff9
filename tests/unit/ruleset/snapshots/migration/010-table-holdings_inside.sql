create table holdings_inside as
select record_no from holdings_body where inside
