create view bib_new as
select record_no, place, 0::bigint as seq, tag, is_control, "inner" from (select record_no, unnest([{'place': 0, 'tag': '035', 'is_control': false, 'inner': e0}, {'place': 1, 'tag': '035', 'is_control': false, 'inner': e1}, {'place': 2, 'tag': '001', 'is_control': true, 'inner': e2}], recursive := true) from bib_edit) where "inner" is not null
