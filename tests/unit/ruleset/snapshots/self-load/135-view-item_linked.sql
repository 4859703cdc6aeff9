create view item_linked as
select s.*, loan."claimed" as "loan_claimed", loan."due_date" as "loan_due_date", loan."open" as "loan_open", request."on_shelf" as "request_on_shelf"
from item_source s
left join item_loan loan on loan.key = s.key
left join item_request request on request.key = s.key
