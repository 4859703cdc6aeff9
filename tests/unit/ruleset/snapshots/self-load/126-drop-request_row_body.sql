drop table request_row_body
