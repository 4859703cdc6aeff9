create table code_list_row_aside as
select row_id, null::varchar as key, 'code-list-no-code' as code, 'extract' as rule
from code_list_row_clean where code is null or label is null
