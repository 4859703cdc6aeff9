select number, "note_type", "note_text", "user_viewable" from (
  select * from (
    select number, "note_type", "note_text", "user_viewable", min(place) as place, min(nth) as nth, bool_or(may) as may
    from (
  select number, 'LIBRARY' as "note_type", w as "note_text", 'false' as "user_viewable", place, nth, false as may
  from (
    select number, place, nth, trim(w) as w from (
      select number, place, nth * 100 + 1 as nth, v as w
      from (
        select number, 0 as place, unnest(string_split("src_note", chr(31))) as v,
          generate_subscripts(string_split("src_note", chr(31)), 1) as nth
        from patron_source where "src_note" is not null
      )
    )
  ) where w <> '' union all 
  select number, 'POPUP' as "note_type", w as "note_text", 'false' as "user_viewable", place, nth, false as may
  from (
    select number, place, nth, trim(w) as w from (
      select number, place, nth * 100 + 1 as nth, v as w
      from (
        select number, 1 as place, unnest(string_split("src_message", chr(31))) as v,
          generate_subscripts(string_split("src_message", chr(31)), 1) as nth
        from patron_source where "src_message" is not null
      )
    )
  ) where w <> '')
    group by number, "note_type", "note_text", "user_viewable"
  )
)
order by all
