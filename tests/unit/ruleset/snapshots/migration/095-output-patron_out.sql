select
  number,
  row_id,
  "primary_id",
  "record_type",
  "account_type",
  "status",
  "last_name",
  "first_name",
  "middle_name",
  "user_group",
  "source_patron_type",
  "expiry_date",
  "birth_date",
  coalesce("src_expiry" is not null and "expiry_date" is null, false) as "bad_expiry_date",
  coalesce("src_birth" is not null and "birth_date" is null, false) as "bad_birth_date"
from patron_1
order by row_id
