select holdings_number, number as item_number from item_out
order by holdings_number, item_number
