select record_no, (f.field_id & 1048575)::int as field_no from item_embedded_key f
order by record_no, field_no
