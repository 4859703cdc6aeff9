create table number_form as
select 'bib' as use, source_file, number_count, tested_count, passed_count, coalesce(passed_count > 0.95 * tested_count, false) as has_check
from (
  select source_file, count(body) as number_count,
    count(*) filter (where last <> 'a') as tested_count,
    count(*) filter (where last = digit) as passed_count
  from (
    select source_file, body, right(body, 1) as last, mod11(left(body, -1)) as digit from (select source_file, body from bib_body where body is not null)
  ) group by source_file
)
union all
select 'item_945' as use, source_file, number_count, tested_count, passed_count, coalesce(passed_count > 0.95 * tested_count, false) as has_check
from (
  select source_file, count(body) as number_count,
    count(*) filter (where last <> 'a') as tested_count,
    count(*) filter (where last = digit) as passed_count
  from (
    select source_file, body, right(body, 1) as last, mod11(left(body, -1)) as digit from (select source_file, body from item_embedded_body where extract = 'item_945')
  ) group by source_file
)
union all
select 'item_999' as use, source_file, number_count, tested_count, passed_count, coalesce(passed_count > 0.95 * tested_count, false) as has_check
from (
  select source_file, count(body) as number_count,
    count(*) filter (where last <> 'a') as tested_count,
    count(*) filter (where last = digit) as passed_count
  from (
    select source_file, body, right(body, 1) as last, mod11(left(body, -1)) as digit from (select source_file, body from item_embedded_body where extract = 'item_999')
  ) group by source_file
)
union all
select 'item' as use, source_file, number_count, tested_count, passed_count, coalesce(passed_count > 0.95 * tested_count, false) as has_check
from (
  select source_file, count(body) as number_count,
    count(*) filter (where last <> 'a') as tested_count,
    count(*) filter (where last = digit) as passed_count
  from (
    select source_file, body, right(body, 1) as last, mod11(left(body, -1)) as digit from (select w.source_file, b.body from item_row_body b join item_row_file w on w.file_no = (b.row_id >> 40) where w.extract = 'item' and b.body is not null)
  ) group by source_file
)
union all
select 'item parent' as use, source_file, number_count, tested_count, passed_count, coalesce(passed_count > 0.95 * tested_count, false) as has_check
from (
  select source_file, count(body) as number_count,
    count(*) filter (where last <> 'a') as tested_count,
    count(*) filter (where last = digit) as passed_count
  from (
    select source_file, body, right(body, 1) as last, mod11(left(body, -1)) as digit from (select w.source_file, b.parent_body as body from item_row_body b join item_row_file w on w.file_no = (b.row_id >> 40) where w.extract = 'item' and b.parent_body is not null)
  ) group by source_file
)
union all
select 'item_view' as use, source_file, number_count, tested_count, passed_count, false as has_check
from (
  select source_file, count(body) as number_count,
    count(*) filter (where last <> 'a') as tested_count,
    count(*) filter (where last = digit) as passed_count
  from (
    select source_file, body, right(body, 1) as last, mod11(left(body, -1)) as digit from (select w.source_file, b.body from item_row_body b join item_row_file w on w.file_no = (b.row_id >> 40) where w.extract = 'item_view' and b.body is not null)
  ) group by source_file
)
union all
select 'item_view parent' as use, source_file, number_count, tested_count, passed_count, false as has_check
from (
  select source_file, count(body) as number_count,
    count(*) filter (where last <> 'a') as tested_count,
    count(*) filter (where last = digit) as passed_count
  from (
    select source_file, body, right(body, 1) as last, mod11(left(body, -1)) as digit from (select w.source_file, b.parent_body as body from item_row_body b join item_row_file w on w.file_no = (b.row_id >> 40) where w.extract = 'item_view' and b.parent_body is not null)
  ) group by source_file
)
union all
select 'holdings parent' as use, source_file, number_count, tested_count, passed_count, coalesce(passed_count > 0.95 * tested_count, false) as has_check
from (
  select source_file, count(body) as number_count,
    count(*) filter (where last <> 'a') as tested_count,
    count(*) filter (where last = digit) as passed_count
  from (
    select source_file, body, right(body, 1) as last, mod11(left(body, -1)) as digit from (select source_file, parent_body as body from holdings_body where parent_body is not null)
  ) group by source_file
)
union all
select 'holdings' as use, source_file, number_count, tested_count, passed_count, coalesce(passed_count > 0.95 * tested_count, false) as has_check
from (
  select source_file, count(body) as number_count,
    count(*) filter (where last <> 'a') as tested_count,
    count(*) filter (where last = digit) as passed_count
  from (
    select source_file, body, right(body, 1) as last, mod11(left(body, -1)) as digit from (select source_file, body from holdings_body where body is not null and not interleaved)
  ) group by source_file
)
union all
select 'checkin' as use, source_file, number_count, tested_count, passed_count, coalesce(passed_count > 0.95 * tested_count, false) as has_check
from (
  select source_file, count(body) as number_count,
    count(*) filter (where last <> 'a') as tested_count,
    count(*) filter (where last = digit) as passed_count
  from (
    select source_file, body, right(body, 1) as last, mod11(left(body, -1)) as digit from (select w.source_file, b.body from holdings_row_body b join holdings_row_file w on w.file_no = (b.row_id >> 40) where w.extract = 'checkin' and b.body is not null)
  ) group by source_file
)
union all
select 'checkin parent' as use, source_file, number_count, tested_count, passed_count, coalesce(passed_count > 0.95 * tested_count, false) as has_check
from (
  select source_file, count(body) as number_count,
    count(*) filter (where last <> 'a') as tested_count,
    count(*) filter (where last = digit) as passed_count
  from (
    select source_file, body, right(body, 1) as last, mod11(left(body, -1)) as digit from (select w.source_file, b.parent_body as body from holdings_row_body b join holdings_row_file w on w.file_no = (b.row_id >> 40) where w.extract = 'checkin' and b.parent_body is not null)
  ) group by source_file
)
union all
select 'checkin_view' as use, source_file, number_count, tested_count, passed_count, false as has_check
from (
  select source_file, count(body) as number_count,
    count(*) filter (where last <> 'a') as tested_count,
    count(*) filter (where last = digit) as passed_count
  from (
    select source_file, body, right(body, 1) as last, mod11(left(body, -1)) as digit from (select w.source_file, b.body from holdings_row_body b join holdings_row_file w on w.file_no = (b.row_id >> 40) where w.extract = 'checkin_view' and b.body is not null)
  ) group by source_file
)
union all
select 'checkin_view parent' as use, source_file, number_count, tested_count, passed_count, false as has_check
from (
  select source_file, count(body) as number_count,
    count(*) filter (where last <> 'a') as tested_count,
    count(*) filter (where last = digit) as passed_count
  from (
    select source_file, body, right(body, 1) as last, mod11(left(body, -1)) as digit from (select w.source_file, b.parent_body as body from holdings_row_body b join holdings_row_file w on w.file_no = (b.row_id >> 40) where w.extract = 'checkin_view' and b.parent_body is not null)
  ) group by source_file
)
union all
select 'patron' as use, source_file, number_count, tested_count, passed_count, coalesce(passed_count > 0.95 * tested_count, false) as has_check
from (
  select source_file, count(body) as number_count,
    count(*) filter (where last <> 'a') as tested_count,
    count(*) filter (where last = digit) as passed_count
  from (
    select source_file, body, right(body, 1) as last, mod11(left(body, -1)) as digit from (select w.source_file, b.body from patron_row_body b join patron_row_file w on w.file_no = (b.row_id >> 40) where w.extract = 'patron' and b.body is not null)
  ) group by source_file
)
union all
select 'patron_view' as use, source_file, number_count, tested_count, passed_count, false as has_check
from (
  select source_file, count(body) as number_count,
    count(*) filter (where last <> 'a') as tested_count,
    count(*) filter (where last = digit) as passed_count
  from (
    select source_file, body, right(body, 1) as last, mod11(left(body, -1)) as digit from (select w.source_file, b.body from patron_row_body b join patron_row_file w on w.file_no = (b.row_id >> 40) where w.extract = 'patron_view' and b.body is not null)
  ) group by source_file
)
union all
select 'loan item' as use, source_file, number_count, tested_count, passed_count, coalesce(passed_count > 0.95 * tested_count, false) as has_check
from (
  select source_file, count(body) as number_count,
    count(*) filter (where last <> 'a') as tested_count,
    count(*) filter (where last = digit) as passed_count
  from (
    select source_file, body, right(body, 1) as last, mod11(left(body, -1)) as digit from (select w.source_file, b.item_body as body from loan_link_body b join loan_row_file w on w.file_no = (b.row_id >> 40) where w.extract = 'loan' and b.item_body is not null)
  ) group by source_file
)
union all
select 'loan patron' as use, source_file, number_count, tested_count, passed_count, coalesce(passed_count > 0.95 * tested_count, false) as has_check
from (
  select source_file, count(body) as number_count,
    count(*) filter (where last <> 'a') as tested_count,
    count(*) filter (where last = digit) as passed_count
  from (
    select source_file, body, right(body, 1) as last, mod11(left(body, -1)) as digit from (select w.source_file, b.patron_body as body from loan_link_body b join loan_row_file w on w.file_no = (b.row_id >> 40) where w.extract = 'loan' and b.patron_body is not null)
  ) group by source_file
)
union all
select 'loan_numbers item' as use, source_file, number_count, tested_count, passed_count, false as has_check
from (
  select source_file, count(body) as number_count,
    count(*) filter (where last <> 'a') as tested_count,
    count(*) filter (where last = digit) as passed_count
  from (
    select source_file, body, right(body, 1) as last, mod11(left(body, -1)) as digit from (select w.source_file, b.item_body as body from loan_link_body b join loan_row_file w on w.file_no = (b.row_id >> 40) where w.extract = 'loan_numbers' and b.item_body is not null)
  ) group by source_file
)
union all
select 'loan_numbers patron' as use, source_file, number_count, tested_count, passed_count, false as has_check
from (
  select source_file, count(body) as number_count,
    count(*) filter (where last <> 'a') as tested_count,
    count(*) filter (where last = digit) as passed_count
  from (
    select source_file, body, right(body, 1) as last, mod11(left(body, -1)) as digit from (select w.source_file, b.patron_body as body from loan_link_body b join loan_row_file w on w.file_no = (b.row_id >> 40) where w.extract = 'loan_numbers' and b.patron_body is not null)
  ) group by source_file
)
union all
select 'request item' as use, source_file, number_count, tested_count, passed_count, coalesce(passed_count > 0.95 * tested_count, false) as has_check
from (
  select source_file, count(body) as number_count,
    count(*) filter (where last <> 'a') as tested_count,
    count(*) filter (where last = digit) as passed_count
  from (
    select source_file, body, right(body, 1) as last, mod11(left(body, -1)) as digit from (select w.source_file, b.item_body as body from request_link_body b join request_row_file w on w.file_no = (b.row_id >> 40) where w.extract = 'request' and b.item_body is not null)
  ) group by source_file
)
union all
select 'request patron' as use, source_file, number_count, tested_count, passed_count, coalesce(passed_count > 0.95 * tested_count, false) as has_check
from (
  select source_file, count(body) as number_count,
    count(*) filter (where last <> 'a') as tested_count,
    count(*) filter (where last = digit) as passed_count
  from (
    select source_file, body, right(body, 1) as last, mod11(left(body, -1)) as digit from (select w.source_file, b.patron_body as body from request_link_body b join request_row_file w on w.file_no = (b.row_id >> 40) where w.extract = 'request' and b.patron_body is not null)
  ) group by source_file
)
union all
select 'hold_shelf item' as use, source_file, number_count, tested_count, passed_count, coalesce(passed_count > 0.95 * tested_count, false) as has_check
from (
  select source_file, count(body) as number_count,
    count(*) filter (where last <> 'a') as tested_count,
    count(*) filter (where last = digit) as passed_count
  from (
    select source_file, body, right(body, 1) as last, mod11(left(body, -1)) as digit from (select w.source_file, b.item_body as body from request_link_body b join request_row_file w on w.file_no = (b.row_id >> 40) where w.extract = 'hold_shelf' and b.item_body is not null)
  ) group by source_file
)
union all
select 'hold_shelf patron' as use, source_file, number_count, tested_count, passed_count, coalesce(passed_count > 0.95 * tested_count, false) as has_check
from (
  select source_file, count(body) as number_count,
    count(*) filter (where last <> 'a') as tested_count,
    count(*) filter (where last = digit) as passed_count
  from (
    select source_file, body, right(body, 1) as last, mod11(left(body, -1)) as digit from (select w.source_file, b.patron_body as body from request_link_body b join request_row_file w on w.file_no = (b.row_id >> 40) where w.extract = 'hold_shelf' and b.patron_body is not null)
  ) group by source_file
)
union all
select 'request_numbers item' as use, source_file, number_count, tested_count, passed_count, false as has_check
from (
  select source_file, count(body) as number_count,
    count(*) filter (where last <> 'a') as tested_count,
    count(*) filter (where last = digit) as passed_count
  from (
    select source_file, body, right(body, 1) as last, mod11(left(body, -1)) as digit from (select w.source_file, b.item_body as body from request_link_body b join request_row_file w on w.file_no = (b.row_id >> 40) where w.extract = 'request_numbers' and b.item_body is not null)
  ) group by source_file
)
union all
select 'request_numbers patron' as use, source_file, number_count, tested_count, passed_count, false as has_check
from (
  select source_file, count(body) as number_count,
    count(*) filter (where last <> 'a') as tested_count,
    count(*) filter (where last = digit) as passed_count
  from (
    select source_file, body, right(body, 1) as last, mod11(left(body, -1)) as digit from (select w.source_file, b.patron_body as body from request_link_body b join request_row_file w on w.file_no = (b.row_id >> 40) where w.extract = 'request_numbers' and b.patron_body is not null)
  ) group by source_file
)
