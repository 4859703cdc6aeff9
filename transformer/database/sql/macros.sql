-- Words that compiled rules use. Text in, text out; null is nothing.

-- first of several values, which stand between U+001F
-- (most values have no repeats: looking first saves half the time)
create macro first_of(v) as nullif(trim(case when contains(v, chr(31)) then split_part(v, chr(31), 1) else v end), '');

-- check digit of digits: weights 2, 3, 4 ... from the right, sum modulo 11, 10 is written x
-- (digit k is a - 10 b, with a and b the number without its last k and k + 1 digits; taken together, modulo 11,
-- a counts 2 k + 3 times: half the divisions, 88 ns a number and 129 digit by digit)
create macro mod11(digits) as substr('0123456789x', ((
    try_cast(digits as bigint) * 2
  + try_cast(digits as bigint) // 10 * 5
  + try_cast(digits as bigint) // 100 * 7
  + try_cast(digits as bigint) // 1000 * 9
  + try_cast(digits as bigint) // 100000 * 2
  + try_cast(digits as bigint) // 1000000 * 4
  + try_cast(digits as bigint) // 10000000 * 6
  + try_cast(digits as bigint) // 100000000 * 8
  + try_cast(digits as bigint) // 1000000000 * 10
  + try_cast(digits as bigint) // 10000000000
  ) % 11 + 1)::bigint, 1);

-- labels agree without regard to case, blanks and signs
create macro label_key(v) as regexp_replace(lower(v), '[^a-z0-9]', '', 'g');
create macro label_agrees(label, names) as
  list_contains(list_transform(string_split(names, '|'), lambda n: label_key(n)), label_key(label));

-- a two-digit year as four digits: this century up to `ahead` years after the year of the run
create macro full_year(yy, this_year, ahead) as
  (case when 2000 + try_cast(yy as integer) > this_year + ahead then 1900 + try_cast(yy as integer) else 2000 + try_cast(yy as integer) end)::varchar;

-- clean verbs
create macro clean_trim(v) as trim(v);
create macro clean_remove_blanks(v) as
  case when regexp_matches(v, '\s') then regexp_replace(v, '\s+', '', 'g') else v end;
create macro clean_collapse_blanks(v) as trim(regexp_replace(v, '\s+', ' ', 'g'));
create macro clean_upper(v) as upper(v);
create macro clean_lower(v) as lower(v);
create macro clean_money(v) as nullif(regexp_extract(replace(v, ',', ''), '[0-9]+(?:\.[0-9]+)?', 0), '');
-- Whole numbers of hundredths: 3995 is 39.95.
create macro clean_cents(v) as coalesce((try_cast(trim(v) as bigint)::double / 100)::decimal(18, 2)::varchar, '');
-- Marks of subfields (|a) are no text of a list.
create macro clean_unmark(v) as trim(regexp_replace(v, '\|[a-z0-9]\s*', ' ', 'g'));

-- edits of MARC fields, in their inner form: indicators, then U+001F, code and value of each subfield
-- (an empty piece has no code; a list is only made where a field is edited or asked)
create macro pieces(v) as string_split(v, chr(31))[2:];
create macro pieces_of(v, codes) as list_filter(pieces(v), lambda s: s <> '' and contains(codes, s[1]));
create macro pieces_but(v, codes) as list_filter(pieces(v), lambda s: s = '' or not contains(codes, s[1]));
create macro field_of(head, parts) as array_to_string(list_prepend(head, parts), chr(31));
create macro head_of(v) as split_part(v, chr(31), 1);
-- (a field of one subfield, the usual case, is not split: the slowest edit of 035 in 100,000 bibs took 0.41 s
-- with lists, 0.12 s so)
create macro is_single(v) as strpos(v, chr(31)) = 3 and not contains(substr(v, 4), chr(31));
create macro values_of(v, codes, glue) as case
  when is_single(v) then case when contains(codes, substr(v, 4, 1)) then nullif(substr(v, 5), '') end
  else nullif(array_to_string(list_transform(pieces_of(v, codes), lambda s: nullif(substr(s, 2), '')), glue), '')
  end;
create macro text_of(v, glue) as
  nullif(array_to_string(list_transform(pieces(v), lambda s: nullif(substr(s, 2), '')), glue), '');
create macro key_of(v, codes) as case
  when is_single(v) then case when length(v) > 4 and contains(codes, substr(v, 4, 1)) then substr(v, 4) end
  else nullif(array_to_string(list_filter(pieces_of(v, codes), lambda s: length(s) > 1), chr(31)), '')
  end;
-- several values without those that are blank
create macro told(v) as case when contains(v, chr(31))
  then nullif(array_to_string(list_filter(string_split(v, chr(31)), lambda s: trim(s) <> ''), chr(31)), '')
  when trim(v) <> '' then v end;
