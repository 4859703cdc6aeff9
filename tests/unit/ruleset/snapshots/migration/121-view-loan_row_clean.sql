create view loan_row_clean as
select a.row_id,
  coalesce(a."due_date", b2."due_date", b3."due_date") as "due_date",
  coalesce(a."item", b2."item", b3."item") as "item",
  coalesce(a."item_id", b2."item_id", b3."item_id") as "item_id",
  coalesce(a."item_record_num", b2."item_record_num", b3."item_record_num") as "item_record_num",
  coalesce(a."loan_date", b2."loan_date", b3."loan_date") as "loan_date",
  coalesce(a."loan_number", b2."loan_number", b3."loan_number") as "loan_number",
  coalesce(a."loan_patron_type", b2."loan_patron_type", b3."loan_patron_type") as "loan_patron_type",
  coalesce(a."loan_rule", b2."loan_rule", b3."loan_rule") as "loan_rule",
  coalesce(a."overdue_count", b2."overdue_count", b3."overdue_count") as "overdue_count",
  coalesce(a."overdue_date", b2."overdue_date", b3."overdue_date") as "overdue_date",
  coalesce(a."patron", b2."patron", b3."patron") as "patron",
  coalesce(a."patron_id", b2."patron_id", b3."patron_id") as "patron_id",
  coalesce(a."patron_record_num", b2."patron_record_num", b3."patron_record_num") as "patron_record_num",
  coalesce(a."recall_date", b2."recall_date", b3."recall_date") as "recall_date",
  coalesce(a."renewals", b2."renewals", b3."renewals") as "renewals"
from loan_row_all a
left join loan_row_later l2 on l2.first_row_id = a.row_id and l2.nth = 2
left join loan_row_all b2 on b2.row_id = l2.row_id
left join loan_row_later l3 on l3.first_row_id = a.row_id and l3.nth = 3
left join loan_row_all b3 on b3.row_id = l3.row_id
