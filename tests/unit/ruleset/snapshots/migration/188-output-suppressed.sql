select distinct number from bib_key where stream = 'suppressed'
order by number
