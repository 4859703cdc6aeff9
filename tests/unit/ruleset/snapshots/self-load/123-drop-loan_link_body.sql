drop table loan_link_body
