drop table item_row_body
