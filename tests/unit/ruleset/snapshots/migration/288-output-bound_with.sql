select item_number, bib_number from bib_item
where item_number in (select item_number from bib_item group by item_number having count(*) > 1)
order by item_number, bib_number
