create table bib_edit_lacks as
select count(*) filter (where n0) as n0, min(number, 3) filter (where n0) as xn0, count(*) filter (where n1) as n1, min(number, 3) filter (where n1) as xn1, count(*) filter (where n2) as n2, min(number, 3) filter (where n2) as xn2
from bib_edit
