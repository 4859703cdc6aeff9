drop table item_code
