"""What became of every unit read: set-aside rows, ledger, key index, links, dropped fields.

A unit is a bib record, an embedded field, or a row. Tables <thing>_field_aside and <thing>_row_aside hold
the units set aside, item_field_merged the fields that came out as part of another unit. What is written is
counted from the items and patrons themselves, so that a loss shows when the books are closed.
"""

from __future__ import annotations

from transformer.ruleset.compile_item import FIELD_BITS, Sides
from transformer.ruleset.compile_number import body_sql, delivered_sql, key_sql
from transformer.ruleset.compile_rows import LINE_BITS, line_sql
from transformer.ruleset.context import Context

_FIELD_NO = f"(f.field_id & {(1 << FIELD_BITS) - 1})::int"


def compile_fates(context: Context, side: Sides, patrons: str) -> None:
    """The aside and merged tables. patrons: name of the patron extract, or empty."""
    if side.embedded:
        context.table(
            "item_field_aside",
            f"""
select field_id, record_no, key, what as code, 'number.item' as rule
from item_embedded_again where what = 'duplicate-number'
union all
select g.field_id, g.record_no, g.key, a.what, a.rule
from item_embedded_again g join item_aside a using (key) where g.what <> 'duplicate-number'
union all
select field_id, field_id >> {FIELD_BITS}, key, what, rule from item_aside where field_id is not null""",
            "bib",
        )
        context.view(
            "item_field_merged",
            f"""
select field_id, record_no from item_embedded_again
where what <> 'duplicate-number' and key not in (select key from item_aside)
union all
select field_id, field_id >> {FIELD_BITS} from item_key
where field_id is not null and row_id is not null and key not in (select key from item_aside)""",
            "bib",
        )
    for thing in ("item", "patron"):
        if (thing == "item" and side.rows is None) or (thing == "patron" and not patrons):
            continue
        aside = "\nunion all\nselect row_id, key, what, rule from item_aside where row_id is not null"
        context.table(
            f"{thing}_row_aside",
            f"select row_id, key, what as code, 'number.{thing}' as rule from {thing}_row_again"
            + (aside if thing == "item" else ""),
            "bib",
        )


def compile_books(context: Context, side: Sides, patrons: str) -> None:
    """Outputs set_aside, ledger, key_index, bib_drop, bib_item, holdings_item."""
    context.output(
        "set_aside", _set_aside(context, side, patrons), "kind, source_file, record_no, field_no, line"
    )
    context.output("ledger", _ledger(side, patrons), "source_file, kind")
    context.output(
        "key_index", _key_index(context, side, patrons), "kind, key, source_file, record_no, field_no, line"
    )
    drop = (
        f"select record_no, {_FIELD_NO} as field_no from item_embedded_key f"
        if side.embedded
        else "select 0::bigint as record_no, 0::int as field_no where false"
    )
    context.output("bib_drop", drop, "record_no, field_no", "record")
    _links(context, side)


def _set_aside(context: Context, side: Sides, patrons: str) -> str:
    pieces = [
        "select 'bib' as kind, k.source_file, k.record_no, null::int as field_no, null::bigint as line,"
        " r.byte_start, r.byte_count, 'bib-no-number' as code, 'extract.bib.number' as rule,"
        " '' as record_id\n"
        "from bib_key k join bib_record r using (record_no) where k.stream is null"
    ]
    if side.embedded:
        pieces.append(
            f"select 'item', r.source_file, f.record_no, {_FIELD_NO}, null, r.byte_start, r.byte_count,"
            " f.code, f.rule, coalesce(k.number, f.key)\n"
            "from item_field_aside f join bib_record r using (record_no)"
            " left join item_key k on k.key = f.key"
        )
    for thing, staged in (("item", side.rows_name if side.rows is not None else ""), ("patron", patrons)):
        if staged:
            pieces.append(
                f"select '{thing}', w.source_file, null, null, {line_sql('f.row_id')}, s.byte_start,"
                " s.byte_count, f.code, f.rule, coalesce(k.number, f.key, '')\n"
                f"from {thing}_row_aside f join {thing}_row_key s on s.row_id = f.row_id\n"
                f"join {thing}_row_file w on w.file_no = (f.row_id >> {LINE_BITS})\n"
                f"left join {thing}_key k on k.key = f.key"
            )
    return "\nunion all ".join(pieces)


def _count(kind: str, fate: str, source: str, file: str = "source_file") -> str:
    """One counted part of the ledger: units of `source` by file."""
    counts = ", ".join(f"{'count(*)' if name == fate else '0'} as {name}" for name in _FATES)
    return f"select {file} as source_file, '{kind}' as kind, {counts} from {source} group by 1"


_FATES = ("written_count", "merged_count", "set_aside_count", "made_count")


def _ledger(side: Sides, patrons: str) -> str:
    pieces = [
        _count("bib", "written_count", "bib_key where stream is not null"),
        _count("bib", "set_aside_count", "bib_key where stream is null"),
    ]
    if side.embedded:
        record = f"join bib_key r on r.record_no = (k.field_id >> {FIELD_BITS})"
        kept = "where k.row_id is null and k.key not in (select key from item_aside)"
        pieces.append(_count("item", "written_count", f"item_key k {record} {kept}", "r.source_file"))
        for fate, table in (("merged_count", "item_field_merged"), ("set_aside_count", "item_field_aside")):
            pieces.append(_count("item", fate, f"{table} k {record}", "r.source_file"))
    for thing, here in (("item", side.rows is not None), ("patron", bool(patrons))):
        if here:
            file = f"join {thing}_row_file w on w.file_no = (k.row_id >> {LINE_BITS})"
            kept = "where k.key not in (select key from item_aside)" if thing == "item" else ""
            pieces.append(_count(thing, "written_count", f"{thing}_key k {file} {kept}", "w.source_file"))
            pieces.append(_count(thing, "set_aside_count", f"{thing}_row_aside k {file}", "w.source_file"))
    body = "\nunion all ".join(pieces)
    sums = ", ".join(f"sum({name})::bigint as {name}" for name in _FATES)
    return (
        f"select source_file, kind, {sums}, '' as parents from (\n{body}\n) group by source_file, kind\n"
        "union all select '(made)', 'holdings', 0, 0, 0, count(*), 'item' from holdings"
    )


def _key_index(context: Context, side: Sides, patrons: str) -> str:
    """Where each number stands. Numbers are made anew from their keys: joining them costs more."""
    pieces = [
        "select 'bib' as kind, k.key, k.number, k.source_file, k.record_no, null::int as field_no,"
        " null::bigint as line, r.byte_start, r.byte_count\n"
        "from bib_key k join bib_record r using (record_no) where k.key is not null"
    ]
    item = delivered_sql(context, "item", "f.key")
    if side.embedded:
        pieces.append(
            f"select 'item', f.key, {item}, r.source_file, f.record_no, {_FIELD_NO}, null, r.byte_start,"
            " r.byte_count\nfrom item_embedded_key f join bib_record r on r.record_no = f.record_no"
        )
    for thing, here in (("item", side.rows is not None), ("patron", bool(patrons))):
        if here:
            pieces.append(
                f"select '{thing}', f.key, {delivered_sql(context, thing, 'f.key')}, w.source_file, null,"
                f" null, {line_sql('f.row_id')}, f.byte_start, f.byte_count\nfrom {thing}_row_key f"
                f" join {thing}_row_file w on w.file_no = (f.row_id >> {LINE_BITS}) where f.key is not null"
            )
    return "\nunion all ".join(pieces)


def _links(context: Context, side: Sides) -> None:
    pieces = ["select bib_number, number as item_number from item_out"]
    if side.embedded:
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
            " from item_row_parents\n) p"
            " join number_form g on g.use = 'item parent' and g.source_file = p.source_file"
            " join item_row_key r on r.row_id = p.row_id join item_key k on k.row_id = r.row_id"
            f" join item_out o on o.number = k.number join bib_first b on b.key = {key}"
        )
    context.output("bib_item", "\nunion ".join(pieces), "bib_number, item_number")
    context.output(
        "holdings_item",
        "select holdings_number, number as item_number from item_out",
        "holdings_number, item_number",
    )
