drop table item_pair
