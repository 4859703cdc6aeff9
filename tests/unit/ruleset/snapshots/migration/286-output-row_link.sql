select '' as extract, '' as kind, '' as of_kind, '' as of_key, '' as patron_key, '' as source_file, 0::bigint as record_no, 0::bigint as line, 0::bigint as byte_start, 0::bigint as byte_count where false
union all select w.extract, 'loan', 'item', k.item_key, k.patron_key, w.source_file, null, s.line, (k.row_id & 1099511627775), s.byte_count
from loan_key k join loan_row_key s on s.row_id = k.row_id
join loan_row_file w on w.file_no = (k.row_id >> 40)
where k.item_key is not null
union all select w.extract, 'request', 'item', k.item_key, k.patron_key, w.source_file, null, s.line, (k.row_id & 1099511627775), s.byte_count
from request_key k join request_row_key s on s.row_id = k.row_id
join request_row_file w on w.file_no = (k.row_id >> 40)
where k.item_key is not null
union all select 'patron_fullname', 'patron', 'patron', t.key, null, w.source_file, null, s.line, (s.row_id & 1099511627775), s.byte_count
from patron_fullname_row_key s join patron_fullname_row_file w on w.file_no = (s.row_id >> 40)
join (select key, "src_record_id" as value from patron_source) t on t.value = s.key
where t.key is not null
union all select 'patron_record_address', 'patron', 'patron', t.key, null, w.source_file, null, s.line, (s.row_id & 1099511627775), s.byte_count
from patron_record_address_row_key s join patron_record_address_row_file w on w.file_no = (s.row_id >> 40)
join (select key, "src_record_id" as value from patron_source) t on t.value = s.key
where t.key is not null
union all select 'patron_record_phone', 'patron', 'patron', t.key, null, w.source_file, null, s.line, (s.row_id & 1099511627775), s.byte_count
from patron_record_phone_row_key s join patron_record_phone_row_file w on w.file_no = (s.row_id >> 40)
join (select key, "src_record_id" as value from patron_source) t on t.value = s.key
where t.key is not null
union all select h.extract, 'holdings', 'bib', k.key, null, h.source_file, h.record_no, null, h.byte_start, h.byte_count
from holdings_key h join bib_key k on k.record_no = h.parent_record_no
union all select w.extract, 'holdings', 'bib', b.key, null, w.source_file, null, s.line, (k.row_id & 1099511627775), s.byte_count
from holdings_row_source k join holdings_row_key s on s.row_id = k.row_id
join holdings_row_file w on w.file_no = (k.row_id >> 40)
join bib_key b on b.record_no = k.parent_record_no
order by of_kind, of_key, extract, source_file, byte_start
