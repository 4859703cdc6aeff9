create view code_list_row_clean as
select a.row_id,
  coalesce(a."code", b2."code", b3."code", b4."code") as "code",
  coalesce(a."label", b2."label", b3."label", b4."label") as "label"
from code_list_row_all a
left join code_list_row_later l2 on l2.first_row_id = a.row_id and l2.nth = 2
left join code_list_row_all b2 on b2.row_id = l2.row_id
left join code_list_row_later l3 on l3.first_row_id = a.row_id and l3.nth = 3
left join code_list_row_all b3 on b3.row_id = l3.row_id
left join code_list_row_later l4 on l4.first_row_id = a.row_id and l4.nth = 4
left join code_list_row_all b4 on b4.row_id = l4.row_id
