select number, "email_type", "preferred", "email_address" from (
  select *,
  case when row_number() over (partition by number order by may desc, place, nth) = 1 and may then 'true' else 'false' end as preferred from (
    select number, "email_type", "email_address", min(place) as place, min(nth) as nth, bool_or(may) as may
    from (
  select number, 'personal' as "email_type", w as "email_address", place, nth, true as may
  from (
    select number, place, nth, trim(w) as w from (
      select number, place, nth * 100 + generate_subscripts(regexp_split_to_array(v, '[,;\s]+'), 1) as nth, unnest(regexp_split_to_array(v, '[,;\s]+')) as w
      from (
        select number, 0 as place, unnest(string_split("src_email", chr(31))) as v,
          generate_subscripts(string_split("src_email", chr(31)), 1) as nth
        from patron_source where "src_email" is not null
      )
    )
  ) where w <> '')
    group by number, "email_type", "email_address"
  )
)
order by all
