select source_file, record_no, number, stream,
  case when home is null then 'extract.bib.number' end as set_aside_rule
from bib_key
order by record_no
