select number, "phone_type", "preferred", "phone_number" from (
  select *,
  case when row_number() over (partition by number order by may desc, place, nth) = 1 and may then 'true' else 'false' end as preferred from (
    select number, "phone_type", "phone_number", min(place) as place, min(nth) as nth, bool_or(may) as may
    from (
  select number, 'home' as "phone_type", w as "phone_number", place, nth, true as may
  from (
    select number, place, nth, trim(w) as w from (
      select number, place, nth * 100 + 1 as nth, v as w
      from (
        select number, 0 as place, unnest(string_split("src_telephone", chr(31))) as v,
          generate_subscripts(string_split("src_telephone", chr(31)), 1) as nth
        from patron_source where "src_telephone" is not null
      )
    )
  ) where w <> '' union all 
  select number, 'mobile' as "phone_type", w as "phone_number", place, nth, true as may
  from (
    select number, place, nth, trim(w) as w from (
      select number, place, nth * 100 + 1 as nth, v as w
      from (
        select number, 1 as place, unnest(string_split("src_telephone2", chr(31))) as v,
          generate_subscripts(string_split("src_telephone2", chr(31)), 1) as nth
        from patron_source where "src_telephone2" is not null
      )
    )
  ) where w <> '')
    group by number, "phone_type", "phone_number"
  )
)
order by all
