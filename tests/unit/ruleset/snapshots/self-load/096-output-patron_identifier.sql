select number, "id_type", "value", "note", "status" from (
  select * from (
    select number, "id_type", "value", "note", "status", min(place) as place, min(nth) as nth, bool_or(may) as may
    from (
  select number, 'BARCODE' as "id_type", w as "value", null::varchar as "note", 'ACTIVE' as "status", place, nth, false as may
  from (
    select number, place, nth, clean_remove_blanks(clean_trim(trim(w))) as w from (
      select number, place, nth * 100 + 1 as nth, v as w
      from (
        select number, 0 as place, unnest(string_split("src_barcode", chr(31))) as v,
          generate_subscripts(string_split("src_barcode", chr(31)), 1) as nth
        from patron_source where "src_barcode" is not null
      )
    )
  ) where w <> '' union all 
  select number, 'UNIV_ID' as "id_type", w as "value", null::varchar as "note", 'ACTIVE' as "status", place, nth, false as may
  from (
    select number, place, nth, trim(w) as w from (
      select number, place, nth * 100 + 1 as nth, v as w
      from (
        select number, 1 as place, unnest(string_split("src_unique_id", chr(31))) as v,
          generate_subscripts(string_split("src_unique_id", chr(31)), 1) as nth
        from patron_source where "src_unique_id" is not null
      )
    )
  ) where w <> '')
    group by number, "id_type", "value", "note", "status"
  )
)
order by all
