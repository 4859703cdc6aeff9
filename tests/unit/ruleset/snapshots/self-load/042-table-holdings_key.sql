create table holdings_key as
select extract, record_no, source_file, byte_start, byte_count, parent_number, parent_record_no,
  case when made and nth > 1 then key || '-' || nth else key end as key,
  case when made and nth > 1 then number || '-' || nth else number end as number, made and nth > 1 as same,
  case when key is null and (parent_number is not null or not interleaved) then 'holdings-no-number'
    when parent_number is null then 'holdings-no-bib'
    when not made and nth > 1 then 'duplicate-number' end as code,
  case when parent_number is null and key is not null then 'extract.' || extract || '.parent'
    else 'number.holdings' end as rule
from (
  select *, row_number() over (partition by key order by extract, record_no) as nth
  from (
    select b.*, h.number as parent_number, h.record_no as parent_record_no, b.interleaved as made,
      case when b.interleaved then h.key || '-' || b.hashed else own end as key,
      case when b.interleaved then h.number || '-' || b.hashed else 'c' || own || mod11(own) end as number
    from (
      select b.*, case when right(b.body, 1) in ('x', 'a') or f.has_check then left(b.body, -1) else b.body end as own, case when right(b.parent_body, 1) in ('x', 'a') or g.has_check then left(b.parent_body, -1) else b.parent_body end as parent_key
      from holdings_body b left join number_form f on f.use = 'holdings' and f.source_file = b.source_file
      left join number_form g on g.use = 'holdings parent' and g.source_file = b.source_file
    ) b left join bib_first h on h.key = b.parent_key
  )
)
