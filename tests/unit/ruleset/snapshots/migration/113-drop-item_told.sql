drop table item_told
