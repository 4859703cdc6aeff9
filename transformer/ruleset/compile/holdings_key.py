"""Holdings that come as MARC records: in files of their own, or among the bibs (leader/06 u, v, x, y).

holdings_key, one row a record: extract, record_no (in its extract), source_file, byte_start, byte_count, key,
number, parent_number, parent_record_no, and code and rule where it is set aside. holdings_inside: record_no
of those that stand among the bibs. Output holdings_record_out: those that are
delivered, with their new numbers.

Where a file's profile says `holdings = "interleaved"`, the number in the record is its bib's; in a file of
their own, holdings without `number` but with `key` have `parent` only. Then a holdings record's own number is
made of that and a hash of the specs in `key`: a function of the record, never of its place, so that test
load and cutover agree. Only of several with one key do the later ones get -2, -3 behind it, in file order.
"""

from __future__ import annotations

from transformer.database.session import literal
from transformer.ruleset.compile.context import Context
from transformer.ruleset.compile.number import body_sql, delivered_sql, key_sql
from transformer.ruleset.compile.rows import Use
from transformer.ruleset.files.rules import Extract

Records = tuple[tuple[str, Extract], ...]


def holdings_records(context: Context) -> Records:
    """The MARC extracts of holdings that are staged, those among the bibs too."""
    return tuple(
        (name, extract)
        for name, extract in context.ruleset.making("holdings")
        if extract.container == "marc" and context.has(_staged(name, extract))
    )


def _staged(name: str, extract: Extract) -> str:
    return f"{extract.inside or name}_record"


def holdings_numbers(context: Context, records: Records) -> list[Use]:
    """holdings_body and holdings_inside; gives the uses for number_form. Needs bib_profile."""
    if not records:
        return []
    pieces = [_body(context, name, extract) for name, extract in records]
    context.table("holdings_body", "\nunion all ".join(pieces))
    inside = "select record_no from holdings_body where inside"
    context.table("holdings_inside", inside)
    own = "select source_file, body from holdings_body where body is not null and not interleaved"
    parent = "select source_file, parent_body as body from holdings_body where parent_body is not null"
    uses: list[Use] = [("holdings parent", "bib", records[0][0], parent)]
    if "holdings" in context.ruleset.rules.number:
        uses.append(("holdings", "holdings", records[0][0], own))
    return uses


def _body(context: Context, name: str, extract: Extract) -> str:
    staged = _staged(name, extract)
    bib = context.ruleset.rules.extract["bib"]
    profiles = [profile.name for profile in bib.profile if profile.holdings == "interleaved"]
    listed = ", ".join(literal(profile) for profile in profiles)
    mixed = f"coalesce(p.profile in ({listed}), false)" if extract.inside and profiles else "false"
    keyed = bool(extract.key) and not extract.inside and not extract.number
    number = "null::varchar"
    if "holdings" in context.ruleset.rules.number:
        number = body_sql(context, "holdings", _joined(context, staged, extract.number))
    parent = body_sql(context, "bib", _joined(context, staged, extract.parent))
    if mixed != "false":
        parent = f"case when {mixed} then {body_sql(context, 'bib', _joined(context, staged, bib.number))}"
        parent += f" else {body_sql(context, 'bib', _joined(context, staged, extract.parent))} end"
    values = [f"coalesce({context.column(staged, spec, 'r')}, '')" for spec in extract.key]
    hashed = f"left(md5({' || chr(30) || '.join(values)}), 12)" if values else "null::varchar"
    where = " where r.kind = 'holdings'" if extract.inside else ""
    join = " join bib_profile p using (source_file)" if extract.inside else ""
    return (
        f"select {literal(name)} as extract, {str(bool(extract.inside)).lower()} as inside, r.record_no,"
        f" r.source_file, r.byte_start, r.byte_count,\n  {number} as body, {parent} as parent_body,"
        f" {hashed} as hashed, {'true' if keyed else mixed} as interleaved\nfrom {staged} r{join}{where}"
    )


def _joined(context: Context, staged: str, specs: tuple[str, ...]) -> str:
    values = [context.column(staged, spec, "r") for spec in specs]
    if not values:
        return "null::varchar"
    return f"concat_ws(chr(31), {', '.join(values)})" if len(values) > 1 else values[0]


def compile_holdings_keys(context: Context, records: Records) -> None:
    """holdings_key, once number_form and bib_first are there."""
    if not records:
        return
    numbered = "holdings" in context.ruleset.rules.number
    own = key_sql(context, "holdings", "b.body", "f.has_check") if numbered else "null::varchar"
    shown = delivered_sql(context, "holdings", "own") if numbered else "own"
    form = (
        "left join number_form f on f.use = 'holdings' and f.source_file = b.source_file" if numbered else ""
    )
    context.table(
        "holdings_key",
        f"""
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
      case when b.interleaved then h.number || '-' || b.hashed else {shown} end as number
    from (
      select b.*, {own} as own, {key_sql(context, "bib", "b.parent_body", "g.has_check")} as parent_key
      from holdings_body b {form}
      left join number_form g on g.use = 'holdings parent' and g.source_file = b.source_file
    ) b left join bib_first h on h.key = b.parent_key
  )
)""",
        "all",
    )
    context.drop("holdings_body")
    context.output(
        "holdings_record_out",
        "select extract, source_file, record_no, number, parent_number from holdings_key where code is null",
        "extract, record_no",
    )
