select source_file, record_no, number, stream,
  case when home is null then case aside when 'bib-deleted' then 'bib.deleted' else 'extract.bib.number' end end as set_aside_rule
from bib_key
order by record_no
