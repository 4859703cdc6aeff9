select * from holdings_leader
order by record_no
