create view holdings_leader as
select record_no, '00000nx  a2200000un 4500' as leader from holdings
