create view request_row_clean as
select a.row_id,
  coalesce(a."expires", b2."expires", b3."expires", b4."expires") as "expires",
  coalesce(a."item", b2."item", b3."item", b4."item") as "item",
  coalesce(a."item_record_num", b2."item_record_num", b3."item_record_num", b4."item_record_num") as "item_record_num",
  coalesce(a."on_shelf", b2."on_shelf", b3."on_shelf", b4."on_shelf") as "on_shelf",
  coalesce(a."patron", b2."patron", b3."patron", b4."patron") as "patron",
  coalesce(a."patron_id", b2."patron_id", b3."patron_id", b4."patron_id") as "patron_id",
  coalesce(a."patron_record_num", b2."patron_record_num", b3."patron_record_num", b4."patron_record_num") as "patron_record_num",
  coalesce(a."pickup", b2."pickup", b3."pickup", b4."pickup") as "pickup",
  coalesce(a."placed", b2."placed", b3."placed", b4."placed") as "placed",
  coalesce(a."record_id", b2."record_id", b3."record_id", b4."record_id") as "record_id",
  coalesce(a."request_note", b2."request_note", b3."request_note", b4."request_note") as "request_note",
  coalesce(a."request_number", b2."request_number", b3."request_number", b4."request_number") as "request_number",
  coalesce(a."status", b2."status", b3."status", b4."status") as "status"
from request_row_all a
left join request_row_later l2 on l2.first_row_id = a.row_id and l2.nth = 2
left join request_row_all b2 on b2.row_id = l2.row_id
left join request_row_later l3 on l3.first_row_id = a.row_id and l3.nth = 3
left join request_row_all b3 on b3.row_id = l3.row_id
left join request_row_later l4 on l4.first_row_id = a.row_id and l4.nth = 4
left join request_row_all b4 on b4.row_id = l4.row_id
