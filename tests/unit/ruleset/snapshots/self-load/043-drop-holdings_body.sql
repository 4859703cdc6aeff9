drop table holdings_body
