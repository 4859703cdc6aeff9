drop table loan_row_body
