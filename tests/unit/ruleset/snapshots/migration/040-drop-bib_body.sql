drop table bib_body
