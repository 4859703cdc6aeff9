select record_no, (f.field_id & 1048575)::int as field_no from item_embedded_key f
union all select record_no, field_no from bib_edit_drop
order by record_no, field_no
