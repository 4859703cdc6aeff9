update holdings_marc_fields_0 set "inner" = x.fresh, hit = true
from (
select e.rowid as id, field_of(head_of("inner"), pieces("inner")[:coalesce(list_position(list_transform(pieces("inner"), lambda s: s <> '' and contains('bc', s[1])), true), 1) - 1]) || coalesce(chr(31) || 'b' || m."library", '') || coalesce(chr(31) || 'c' || m."location", '') || case when len(list_filter(pieces("inner")[coalesce(list_position(list_transform(pieces("inner"), lambda s: s <> '' and contains('bc', s[1])), true), 1):], lambda s: s = '' or not contains('bc', s[1]))) > 0 then chr(31) || array_to_string(list_filter(pieces("inner")[coalesce(list_position(list_transform(pieces("inner"), lambda s: s <> '' and contains('bc', s[1])), true), 1):], lambda s: s = '' or not contains('bc', s[1])), chr(31)) else '' end as fresh
from holdings_marc_fields_0 e join (select '' as key, '' as "library", '' as "location" where false) m on m.key = first_of(values_of("inner", 'b', chr(31)))
where not gone and tag = '852' and not is_control and (contains("inner", chr(31) || 'b'))
) x
where holdings_marc_fields_0.rowid = x.id and x.fresh <> holdings_marc_fields_0."inner"
