select bib_number, number as item_number from item_out
union all select t.bib_number, t.item_number from bib_item_told t join item_out o on o.number = t.item_number where o.bib_number <> t.bib_number
order by bib_number, item_number
