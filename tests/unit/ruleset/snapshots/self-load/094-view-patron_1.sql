create view patron_1 as
select *,
  coalesce(first_of("src_unique_id"), nullif(clean_remove_blanks(nullif(clean_trim(first_of("src_barcode")), '')), ''), number) as "primary_id",
  'PUBLIC' as "record_type",
  'INTERNAL' as "account_type",
  'ACTIVE' as "status",
  coalesce("src_last_name", nullif(trim(regexp_extract("src_name", '^([^,]*)', 1)), '')) as "last_name",
  coalesce("src_first_name", nullif(trim(regexp_extract("src_name", '^[^,]*,\s*(\S+)', 1)), '')) as "first_name",
  coalesce("src_middle_name", nullif(trim(regexp_extract("src_name", '^[^,]*,\s*\S+\s+(.+)$', 1)), '')) as "middle_name",
  m0_user_group as "user_group",
  "src_patron_type" as "source_patron_type",
  case when split_part("src_expiry", ' ', 1) like '__-__-____' and regexp_full_match(split_part("src_expiry", ' ', 1), '[0-9]{2}\-[0-9]{2}\-[0-9]{4}') then try_strptime(split_part("src_expiry", ' ', 1), '%m-%d-%Y')::date::varchar when split_part("src_expiry", ' ', 1) like '__-__-__' and regexp_full_match(split_part("src_expiry", ' ', 1), '[0-9]{2}\-[0-9]{2}\-[0-9]{2}') then try_cast(full_year(substr(split_part("src_expiry", ' ', 1), 7, 2), 2026, 50) || '-' || substr(split_part("src_expiry", ' ', 1), 1, 2) || '-' || substr(split_part("src_expiry", ' ', 1), 4, 2) as date)::varchar when split_part("src_expiry", ' ', 1) like '____-__-__' and regexp_full_match(split_part("src_expiry", ' ', 1), '[0-9]{4}\-[0-9]{2}\-[0-9]{2}') then try_strptime(split_part("src_expiry", ' ', 1), '%Y-%m-%d')::date::varchar end as "expiry_date",
  case when split_part("src_birth", ' ', 1) like '__-__-____' and regexp_full_match(split_part("src_birth", ' ', 1), '[0-9]{2}\-[0-9]{2}\-[0-9]{4}') then try_strptime(split_part("src_birth", ' ', 1), '%m-%d-%Y')::date::varchar when split_part("src_birth", ' ', 1) like '__-__-__' and regexp_full_match(split_part("src_birth", ' ', 1), '[0-9]{2}\-[0-9]{2}\-[0-9]{2}') then try_cast(full_year(substr(split_part("src_birth", ' ', 1), 7, 2), 2026, 0) || '-' || substr(split_part("src_birth", ' ', 1), 1, 2) || '-' || substr(split_part("src_birth", ' ', 1), 4, 2) as date)::varchar when split_part("src_birth", ' ', 1) like '____-__-__' and regexp_full_match(split_part("src_birth", ' ', 1), '[0-9]{4}\-[0-9]{2}\-[0-9]{2}') then try_strptime(split_part("src_birth", ' ', 1), '%Y-%m-%d')::date::varchar end as "birth_date"
from patron_mapped
