"""What became of every unit read: set-aside rows, ledger, key index, links, dropped fields.

A unit is a bib record, an embedded field, or a row. Views <thing>_field_fate and <thing>_row_fate say for
each: written, merged or aside, with code and rule. read = written + merged + aside by construction; the
pipeline compares with the readers' own counts.
"""

from __future__ import annotations

from transformer.ruleset.compile_item import FIELD_BITS, Sides
from transformer.ruleset.compile_number import body_sql, key_sql
from transformer.ruleset.compile_rows import line_sql
from transformer.ruleset.context import Context

_FIELD_NO = f"(f.field_id & {(1 << FIELD_BITS) - 1})::int"


def compile_fates(context: Context, side: Sides, patrons: str) -> None:
    """The fate views. patrons: name of the patron extract, or empty."""
    if side.embedded is not None:
        context.view(
            "item_field_fate",
            """
select e.field_id, e.record_no, e.key,
  case when g.what = 'duplicate-number' or a.key is not null then 'aside'
    when g.what is not null or k.row_id is not null then 'merged' else 'written' end as fate,
  case when g.what = 'duplicate-number' then g.what else a.what end as code,
  case when g.what = 'duplicate-number' then 'number.item' else a.rule end as rule
from item_embedded_key e
left join item_embedded_again g using (field_id)
left join item_key k on k.key = e.key
left join item_aside a on a.key = e.key""",
            "bib",
        )
    for thing in ("item", "patron"):
        if (thing == "item" and side.rows is None) or (thing == "patron" and not patrons):
            continue
        aside = "left join item_aside a on a.key = e.key" if thing == "item" else ""
        code, rule = ("a.what", "a.rule") if thing == "item" else ("null", "null")
        context.view(
            f"{thing}_row_fate",
            f"""
select e.row_id, e.key, case when g.what is not null or {code} is not null then 'aside' else 'written' end as fate,
  coalesce(g.what, {code}) as code, case when g.what is not null then 'number.{thing}' else {rule} end as rule
from {thing}_row_key e
left join {thing}_row_again g using (row_id)
{aside}""",
            "bib",
        )


def compile_books(context: Context, side: Sides, patrons: str) -> None:
    """Outputs set_aside, ledger, key_index, bib_drop, bib_item, holdings_item."""
    context.output("set_aside", _set_aside(context, side, patrons), "kind, source_file, record_no, field_no, line")
    context.output("ledger", _ledger(side, patrons), "source_file, kind")
    context.output("key_index", _key_index(side, patrons), "kind, key, source_file, record_no, field_no, line")
    drop = (
        f"select record_no, {_FIELD_NO} as field_no from item_embedded_body f"
        if side.embedded is not None
        else "select 0::bigint as record_no, 0::int as field_no where false"
    )
    context.output("bib_drop", drop, "record_no, field_no", "record")
    _links(context, side)


def _row_place(thing: str, staged: str, alias: str = "f") -> str:
    """JOINs that give a row's file (w) and bytes (s)."""
    return (
        f"join {thing}_row_file w on w.file_no = ({alias}.row_id >> 40)\n"
        f"join {staged}_row s on s.source_file = w.source_file and s.line = {line_sql(alias + '.row_id')}"
    )


def _set_aside(context: Context, side: Sides, patrons: str) -> str:
    pieces = [
        "select 'bib' as kind, k.source_file, k.record_no, null::int as field_no, null::bigint as line,"
        " r.byte_start, r.byte_count, 'bib-no-number' as code, 'extract.bib.number' as rule, '' as record_id\n"
        "from bib_key k join bib_record r using (record_no) where k.stream is null"
    ]
    if side.embedded is not None:
        pieces.append(
            f"select 'item', r.source_file, f.record_no, {_FIELD_NO}, null, r.byte_start, r.byte_count, f.code, f.rule,"
            " coalesce(k.number, f.key)\n"
            "from item_field_fate f join bib_record r using (record_no) left join item_key k on k.key = f.key\n"
            "where f.fate = 'aside'"
        )
    for thing, staged in (("item", side.rows_name if side.rows is not None else ""), ("patron", patrons)):
        if staged:
            pieces.append(
                f"select '{thing}', w.source_file, null, null, s.line, s.byte_start, s.byte_count, f.code, f.rule,"
                " coalesce(k.number, f.key, '')\n"
                f"from {thing}_row_fate f\n{_row_place(thing, staged)}\n"
                f"left join {thing}_key k on k.key = f.key\nwhere f.fate = 'aside'"
            )
    return "\nunion all ".join(pieces)


_COUNTS = (
    "count(*) filter (where fate = 'written') as written_count, count(*) filter (where fate = 'merged')"
    " as merged_count, count(*) filter (where fate = 'aside') as set_aside_count"
)


def _ledger(side: Sides, patrons: str) -> str:
    pieces = [
        f"select source_file, 'bib' as kind, {_COUNTS}, 0::bigint as made_count, '' as parents from (\n"
        "  select source_file, case when stream is null then 'aside' else 'written' end as fate from bib_key"
        ") group by source_file"
    ]
    if side.embedded is not None:
        pieces.append(
            f"select source_file, 'item', {_COUNTS}, 0, '' from item_field_fate f"
            " join bib_record r using (record_no) group by source_file"
        )
    for thing, here in (("item", side.rows is not None), ("patron", bool(patrons))):
        if here:
            pieces.append(
                f"select w.source_file, '{thing}', {_COUNTS}, 0, '' from {thing}_row_fate f"
                f" join {thing}_row_file w on w.file_no = (f.row_id >> 40) group by w.source_file"
            )
    pieces.append("select '(made)', 'holdings', 0, 0, 0, count(*), 'item' from holdings")
    return "\nunion all ".join(pieces)


def _key_index(side: Sides, patrons: str) -> str:
    pieces = [
        "select 'bib' as kind, k.key, k.number, k.source_file, k.record_no, null::int as field_no,"
        " null::bigint as line, r.byte_start, r.byte_count\n"
        "from bib_key k join bib_record r using (record_no) where k.key is not null"
    ]
    if side.embedded is not None:
        pieces.append(
            f"select 'item', f.key, k.number, r.source_file, f.record_no, {_FIELD_NO}, null, r.byte_start,"
            " r.byte_count\nfrom item_embedded_key f join item_key k on k.key = f.key"
            " join bib_record r on r.record_no = f.record_no"
        )
    for thing, staged in (("item", side.rows_name if side.rows is not None else ""), ("patron", patrons)):
        if staged:
            pieces.append(
                f"select '{thing}', f.key, k.number, w.source_file, null, null, s.line, s.byte_start, s.byte_count\n"
                f"from {thing}_row_key f join {thing}_key k on k.key = f.key\n{_row_place(thing, staged)}"
            )
    return "\nunion all ".join(pieces)


def _links(context: Context, side: Sides) -> None:
    pieces = ["select bib_number, number as item_number from item_out"]
    if side.embedded is not None:
        pieces.append(
            "select b.number, o.number from item_embedded_again g join item_key k on k.key = g.key"
            " join item_out o on o.number = k.number join bib_key b on b.record_no = g.record_no"
            " where g.what = 'several-bibs' and b.stream is not null"
        )
    if side.rows is not None and side.rows.parent:
        key = key_sql(context, "bib", body_sql(context, "bib", "p.v"), "g.has_check")
        pieces.append(
            "select b.number, o.number from (\n"
            "  select row_id, source_file, unnest(string_split(parents, chr(31))) as v"
            " from item_row_body where parents is not null\n) p"
            " join number_form g on g.use = 'item parent' and g.source_file = p.source_file"
            " join item_row_key r on r.row_id = p.row_id join item_key k on k.row_id = r.row_id"
            f" join item_out o on o.number = k.number join bib_first b on b.key = {key}"
        )
    context.output("bib_item", "\nunion ".join(pieces), "bib_number, item_number")
    context.output(
        "holdings_item", "select holdings_number, number as item_number from item_out", "holdings_number, item_number"
    )
