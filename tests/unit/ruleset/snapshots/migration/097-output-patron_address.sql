select number, "address_type", "preferred", "line1", "line2", "line3", "line4", "line5", "city", "state_province", "postal_code", "country", "address_note" from (
  select *,
  case when row_number() over (partition by number order by may desc, place, nth) = 1 and may then 'true' else 'false' end as preferred from (
    select number, "address_type", "line1", "line2", "line3", "line4", "line5", "city", "state_province", "postal_code", "country", "address_note", min(place) as place, min(nth) as nth, bool_or(may) as may
    from (
  select number, 'home' as "address_type", left_lines[1] as "line1", left_lines[2] as "line2", left_lines[3] as "line3", left_lines[4] as "line4", nullif(array_to_string(left_lines[5:], ', '), '') as "line5", case when fits then regexp_extract(lines[-1], '^(.+?),\s*([A-Z]{2})\.?\s+([0-9]{5}(?:-[0-9]{4})?)$', 1) end as "city", case when fits then regexp_extract(lines[-1], '^(.+?),\s*([A-Z]{2})\.?\s+([0-9]{5}(?:-[0-9]{4})?)$', 2) end as "state_province", case when fits then regexp_extract(lines[-1], '^(.+?),\s*([A-Z]{2})\.?\s+([0-9]{5}(?:-[0-9]{4})?)$', 3) end as "postal_code", null::varchar as "country", null::varchar as "address_note", place, nth, true as may
  from (select *, case when fits then lines[:-2] else lines end as left_lines from (select *, coalesce(len(lines) > 1 and regexp_matches(lines[-1], '^(.+?),\s*([A-Z]{2})\.?\s+([0-9]{5}(?:-[0-9]{4})?)$'), false) as fits from (select *, list_filter(list_transform(string_split(w, '$'), lambda x: trim(x)), lambda x: x <> '') as lines from (
    select number, place, nth, trim(w) as w from (
      select number, place, nth * 100 + 1 as nth, v as w
      from (
        select number, 0 as place, unnest(string_split("src_address", chr(31))) as v,
          generate_subscripts(string_split("src_address", chr(31)), 1) as nth
        from patron_source where "src_address" is not null
      )
    )
  )))) where w <> '' union all 
  select number, 'alternative' as "address_type", left_lines[1] as "line1", left_lines[2] as "line2", left_lines[3] as "line3", left_lines[4] as "line4", nullif(array_to_string(left_lines[5:], ', '), '') as "line5", case when fits then regexp_extract(lines[-1], '^(.+?),\s*([A-Z]{2})\.?\s+([0-9]{5}(?:-[0-9]{4})?)$', 1) end as "city", case when fits then regexp_extract(lines[-1], '^(.+?),\s*([A-Z]{2})\.?\s+([0-9]{5}(?:-[0-9]{4})?)$', 2) end as "state_province", case when fits then regexp_extract(lines[-1], '^(.+?),\s*([A-Z]{2})\.?\s+([0-9]{5}(?:-[0-9]{4})?)$', 3) end as "postal_code", null::varchar as "country", null::varchar as "address_note", place, nth, true as may
  from (select *, case when fits then lines[:-2] else lines end as left_lines from (select *, coalesce(len(lines) > 1 and regexp_matches(lines[-1], '^(.+?),\s*([A-Z]{2})\.?\s+([0-9]{5}(?:-[0-9]{4})?)$'), false) as fits from (select *, list_filter(list_transform(string_split(w, '$'), lambda x: trim(x)), lambda x: x <> '') as lines from (
    select number, place, nth, trim(w) as w from (
      select number, place, nth * 100 + 1 as nth, v as w
      from (
        select number, 1 as place, unnest(string_split("src_address2", chr(31))) as v,
          generate_subscripts(string_split("src_address2", chr(31)), 1) as nth
        from patron_source where "src_address2" is not null
      )
    )
  )))) where w <> '' union all 
  select number, 'home' as "address_type", nullif(c0, '') as "line1", nullif(c1, '') as "line2", nullif(c2, '') as "line3", null::varchar as "line4", null::varchar as "line5", nullif(c3, '') as "city", nullif(c4, '') as "state_province", nullif(c5, '') as "postal_code", nullif(c6, '') as "country", null::varchar as "address_note", place, nth * 100 as nth, true as may
  from (
    select number, place, nth, nullif(trim(w), '') as w, concat_ws(' ', nullif(trim(string_split("src_street", chr(31))[nth]), '')) as c0, concat_ws(' ', nullif(trim(string_split("src_street2", chr(31))[nth]), '')) as c1, concat_ws(' ', nullif(trim(string_split("src_street3", chr(31))[nth]), '')) as c2, concat_ws(' ', nullif(trim(string_split("src_city", chr(31))[nth]), '')) as c3, concat_ws(' ', nullif(trim(string_split("src_region", chr(31))[nth]), '')) as c4, concat_ws(' ', nullif(trim(string_split("src_postal_code", chr(31))[nth]), '')) as c5, concat_ws(' ', nullif(trim(string_split("src_country", chr(31))[nth]), '')) as c6 from (
      select number, 2 as place, nth, nullif(trim(string_split("src_street", chr(31))[nth]), '') as w, * exclude (number, nth) from (
        select *, unnest(range(1, 1 + greatest(len(string_split("src_street", chr(31))), len(string_split("src_street2", chr(31))), len(string_split("src_street3", chr(31))), len(string_split("src_city", chr(31))), len(string_split("src_region", chr(31))), len(string_split("src_postal_code", chr(31))), len(string_split("src_country", chr(31)))))) as nth
        from patron_source where coalesce("src_street", "src_street2", "src_street3", "src_city", "src_region", "src_postal_code", "src_country") is not null
      )
    )
  ) where w <> '' or c0 <> '' or c1 <> '' or c2 <> '' or c3 <> '' or c4 <> '' or c5 <> '' or c6 <> '')
    group by number, "address_type", "line1", "line2", "line3", "line4", "line5", "city", "state_province", "postal_code", "country", "address_note"
  )
)
order by all
