select 'bib' as kind, k.source_file, k.record_no, null::int as field_no, null::bigint as line, r.byte_start, r.byte_count, case when r.kind = 'bib' then k.aside else 'not-a-bib' end as code, case when r.kind <> 'bib' then 'extract.bib' when k.aside = 'bib-deleted' then 'bib.deleted' else 'extract.bib.number' end as rule, '' as record_id
from (select * from bib_key b anti join holdings_inside using (record_no)) k join bib_record r using (record_no) where k.home is null
union all select 'item', r.source_file, f.record_no, (f.field_id & 1048575)::int, null, r.byte_start, r.byte_count, f.code, f.rule, coalesce(k.number, f.key)
from item_field_aside f join bib_record r using (record_no) left join item_key k on k.key = f.key
union all select 'holdings', source_file, record_no, null, null, byte_start, byte_count, code, rule, coalesce(number, '') from holdings_key where code is not null
union all select 'item', w.source_file, null, null, s.line, (f.row_id & 1099511627775), s.byte_count, f.code, f.rule, coalesce(k.number, f.key, '')
from item_row_aside f join item_row_key s on s.row_id = f.row_id
join item_row_file w on w.file_no = (f.row_id >> 40)
left join item_key k on k.key = f.key
union all select 'patron', w.source_file, null, null, s.line, (f.row_id & 1099511627775), s.byte_count, f.code, f.rule, coalesce(k.number, f.key, '')
from patron_row_aside f join patron_row_key s on s.row_id = f.row_id
join patron_row_file w on w.file_no = (f.row_id >> 40)
left join patron_key k on k.key = f.key
union all select 'loan', w.source_file, null, null, s.line, (f.row_id & 1099511627775), s.byte_count, f.code, f.rule, coalesce(f.key, '')
from loan_row_aside f join loan_row_key s on s.row_id = f.row_id
join loan_row_file w on w.file_no = (f.row_id >> 40)
union all select 'request', w.source_file, null, null, s.line, (f.row_id & 1099511627775), s.byte_count, f.code, f.rule, coalesce(f.key, '')
from request_row_aside f join request_row_key s on s.row_id = f.row_id
join request_row_file w on w.file_no = (f.row_id >> 40)
union all select 'patron', w.source_file, null, null, s.line, (f.row_id & 1099511627775), s.byte_count, f.code, f.rule, coalesce(f.key, '')
from patron_fullname_row_aside f join patron_fullname_row_key s on s.row_id = f.row_id
join patron_fullname_row_file w on w.file_no = (f.row_id >> 40)
union all select 'patron', w.source_file, null, null, s.line, (f.row_id & 1099511627775), s.byte_count, f.code, f.rule, coalesce(f.key, '')
from patron_record_address_row_aside f join patron_record_address_row_key s on s.row_id = f.row_id
join patron_record_address_row_file w on w.file_no = (f.row_id >> 40)
union all select 'patron', w.source_file, null, null, s.line, (f.row_id & 1099511627775), s.byte_count, f.code, f.rule, coalesce(f.key, '')
from patron_record_phone_row_aside f join patron_record_phone_row_key s on s.row_id = f.row_id
join patron_record_phone_row_file w on w.file_no = (f.row_id >> 40)
union all select 'code_list', w.source_file, null, null, s.line, (f.row_id & 1099511627775), s.byte_count, f.code, f.rule, coalesce(f.key, '')
from code_list_row_aside f join code_list_row_key s on s.row_id = f.row_id
join code_list_row_file w on w.file_no = (f.row_id >> 40)
union all select 'holdings', w.source_file, null, null, s.line, (f.row_id & 1099511627775), s.byte_count, f.code, f.rule, coalesce(f.key, '')
from holdings_row_aside f join holdings_row_key s on s.row_id = f.row_id
join holdings_row_file w on w.file_no = (f.row_id >> 40)
order by kind, source_file, record_no, field_no, line, byte_start
