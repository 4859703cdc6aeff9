create table code_label as
select kind, code, arg_min(label, place) as label
from (
select '' as kind, '' as code, '' as label, 0::bigint as place where false
) group by kind, code
