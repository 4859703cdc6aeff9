"""What became of every unit read: set-aside rows, ledger, key index, links, dropped fields.

A unit is a bib record, an embedded field, or a row. Tables <thing>_field_aside and <thing>_row_aside hold
the units set aside, item_field_merged the fields that came out as part of another unit. Rows of loans,
requests, statuses and code lists, and rows that add columns, count as merged: nothing of theirs is written.
What is written is counted from the items and patrons themselves, so that a loss shows when the books are
closed.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

from transformer.database.session import literal, quoted
from transformer.ruleset.compile.adds import Add
from transformer.ruleset.compile.context import Context
from transformer.ruleset.compile.holdings_key import Records
from transformer.ruleset.compile.item import FIELD_BITS, Sides
from transformer.ruleset.compile.links import Linked
from transformer.ruleset.compile.number import body_sql, delivered_sql, key_sql
from transformer.ruleset.compile.patron import Patrons
from transformer.ruleset.compile.rows import PLACE_BITS, RowSet, byte_sql, parent_of

KEY_INDEX = "key_index"
_FIELD_NO = f"(f.field_id & {(1 << FIELD_BITS) - 1})::int"


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that a run's rows and fields come from."""

    side: Sides
    patrons: Patrons
    linked: tuple[Linked, ...]
    code_lists: RowSet
    holdings: Records
    holdings_rows: RowSet

    @property
    def things(self) -> tuple[tuple[str, RowSet], ...]:
        """Kinds whose rows are written, with their rows."""
        both = (("item", self.side.rows), ("patron", self.patrons.rows))
        return tuple((kind, rows) for kind, rows in both if rows.extracts)

    @property
    def adds(self) -> tuple[Add, ...]:
        """Extracts whose rows add columns."""
        return (*self.side.adds, *self.patrons.adds)

    @property
    def taken_in(self) -> tuple[tuple[str, str], ...]:
        """(kind, prefix) of rows that are never written: they are merged or set aside."""
        sets = {"code_list": self.code_lists, "holdings": self.holdings_rows}
        lists = tuple((kind, kind) for kind, rows in sets.items() if rows.extracts)
        linked = tuple((one.kind, one.kind) for one in self.linked)
        return (*linked, *((add.thing, add.name) for add in self.adds), *lists)


def compile_fates(context: Context, parts: Parts) -> None:
    """The aside and merged tables."""
    if parts.side.embedded:
        _field_fates(context, parts)
    for thing, rows in parts.things:
        reason = "case what when 'left-out' then 'row-left-out' else what end"
        rule = f"case what when 'left-out' then 'only_if' else 'number.{thing}' end"
        pieces = [f"select row_id, key, {reason} as code, {rule} as rule from {thing}_row_again"]
        if thing == "item":
            pieces.append("select row_id, key, what, rule from item_aside where row_id is not null")
            if len(rows.extracts) > 1:
                pieces.append(
                    "select l.row_id, l.key, a.what, a.rule"
                    " from item_row_later l join item_aside a using (key)"
                )
        context.table(f"{thing}_row_aside", "\nunion all\n".join(pieces), "bib")
    for add in parts.adds:
        there = f"select key from {add.thing}_key"
        if add.column != "number":
            value = add.found_by(lambda name: quoted(f"src_{name}"))
            there = f"select {value} from {add.thing}_source"
        context.table(
            f"{add.name}_row_aside",
            f"select row_id, key, 'row-left-out' as code, 'only_if' as rule from {add.name}_row_again\n"
            "union all\nselect row_id, key, 'nothing-to-add-to', 'links'"
            f" from {add.name}_row_key k anti join {add.name}_row_again using (row_id)\n"
            f"where not exists (select 1 from ({there}) t(v) where t.v = k.key)",
            "bib",
        )


def _field_fates(context: Context, parts: Parts) -> None:
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


def compile_books(context: Context, parts: Parts) -> None:
    """Outputs set_aside, ledger, key_index_<n>, bib_drop, bib_item, holdings_item."""
    context.output("set_aside", _set_aside(parts), "kind, source_file, record_no, field_no, line, byte_start")
    context.output("ledger", _ledger(parts), "source_file, kind")
    _key_index(context, parts)
    drop = (
        f"select record_no, {_FIELD_NO} as field_no from item_embedded_key f"
        if parts.side.embedded
        else "select 0::bigint as record_no, 0::int as field_no where false"
    )
    drop += "\nunion all select record_no, field_no from bib_edit_drop"
    context.output("bib_drop", drop, "record_no, field_no", "record")
    _links(context, parts)


def _other_kinds(parts: Parts, alias: str) -> str:
    """FROM clause: bib records, without those that are read as holdings."""
    if not parts.holdings:
        return f"bib_key {alias}"
    return f"bib_key {alias} anti join holdings_inside using (record_no)"


def _set_aside(parts: Parts) -> str:
    pieces = [
        "select 'bib' as kind, k.source_file, k.record_no, null::int as field_no, null::bigint as line,"
        " r.byte_start, r.byte_count,"
        " case when r.kind = 'bib' then k.aside else 'not-a-bib' end as code,"
        " case when r.kind <> 'bib' then 'extract.bib' when k.aside = 'bib-deleted' then 'bib.deleted'"
        " else 'extract.bib.number' end as rule,"
        " '' as record_id\n"
        f"from (select * from {_other_kinds(parts, 'b')}) k join bib_record r using (record_no)"
        " where k.home is null"
    ]
    if parts.side.embedded:
        pieces.append(
            f"select 'item', r.source_file, f.record_no, {_FIELD_NO}, null, r.byte_start, r.byte_count,"
            " f.code, f.rule, coalesce(k.number, f.key)\n"
            "from item_field_aside f join bib_record r using (record_no)"
            " left join item_key k on k.key = f.key"
        )
    if parts.holdings:
        pieces.append(
            "select 'holdings', source_file, record_no, null, null, byte_start, byte_count, code, rule,"
            " coalesce(number, '') from holdings_key where code is not null"
        )
    known = {kind for kind, _ in parts.things}
    for kind, prefix in (*((kind, kind) for kind, _ in parts.things), *parts.taken_in):
        number, join = "coalesce(f.key, '')", ""
        if prefix in known:
            number, join = "coalesce(k.number, f.key, '')", f"\nleft join {prefix}_key k on k.key = f.key"
        pieces.append(
            f"select '{kind}', w.source_file, null, null, s.line, {byte_sql('f.row_id')},"
            f" s.byte_count, f.code, f.rule, {number}\n"
            f"from {prefix}_row_aside f join {prefix}_row_key s on s.row_id = f.row_id\n"
            f"join {prefix}_row_file w on w.file_no = (f.row_id >> {PLACE_BITS}){join}"
        )
    return "\nunion all ".join(pieces)


def _count(kind: str, fate: str, source: str, file: str = "source_file") -> str:
    """One counted part of the ledger: units of `source` by file."""
    counts = ", ".join(f"{'count(*)' if name == fate else '0'} as {name}" for name in _FATES)
    return f"select {file} as source_file, '{kind}' as kind, {counts} from {source} group by 1"


_FATES = ("written_count", "merged_count", "set_aside_count", "made_count")


def _ledger(parts: Parts) -> str:
    bibs = _other_kinds(parts, "k")
    pieces = [
        _count("bib", "written_count", "bib_key where stream is not null"),
        _count("bib", "merged_count", "bib_key where stream is null and home is not null"),
        _count("bib", "set_aside_count", f"{bibs} where k.home is null"),
    ]
    if parts.side.embedded:
        record = f"join bib_key r on r.record_no = (k.field_id >> {FIELD_BITS})"
        kept = "where k.row_id is null and k.key not in (select key from item_aside)"
        pieces.append(_count("item", "written_count", f"item_key k {record} {kept}", "r.source_file"))
        for fate, table in (("merged_count", "item_field_merged"), ("set_aside_count", "item_field_aside")):
            pieces.append(_count("item", fate, f"{table} k {record}", "r.source_file"))
    if parts.holdings:
        pieces.append(_count("holdings", "written_count", "holdings_key where code is null"))
        pieces.append(_count("holdings", "set_aside_count", "holdings_key where code is not null"))
    for thing, rows in parts.things:
        file = f"join {thing}_row_file w on w.file_no = (k.row_id >> {PLACE_BITS})"
        kept = "where k.key not in (select key from item_aside)" if thing == "item" else ""
        pieces.append(_count(thing, "written_count", f"{thing}_key k {file} {kept}", "w.source_file"))
        pieces.append(_count(thing, "set_aside_count", f"{thing}_row_aside k {file}", "w.source_file"))
        if len(rows.extracts) > 1:
            later = f"{thing}_row_later k {file} {kept}"
            pieces.append(_count(thing, "merged_count", later, "w.source_file"))
    for kind, prefix in parts.taken_in:
        file = f"join {prefix}_row_file w on w.file_no = (k.row_id >> {PLACE_BITS})"
        rest = f"{prefix}_row_key k anti join {prefix}_row_aside using (row_id) {file}"
        pieces.append(_count(kind, "merged_count", rest, "w.source_file"))
        pieces.append(_count(kind, "set_aside_count", f"{prefix}_row_aside k {file}", "w.source_file"))
    body = "\nunion all ".join(pieces)
    made_of = "item, holdings" if parts.holdings_rows.extracts else "item"
    sums = ", ".join(f"sum({name})::bigint as {name}" for name in _FATES)
    return (
        f"select source_file, kind, {sums}, '' as parents from (\n{body}\n) group by source_file, kind\n"
        f"union all select '(made)', 'holdings', 0, 0, 0, count(*), '{made_of}' from holdings"
    )


def _key_index(context: Context, parts: Parts) -> None:
    """Where each number stands: key_index_0, key_index_1 ..., each in the order of its keys, kind after kind.

    Numbers are made anew from their keys: joining them costs more. Not one output: sorting 11,700,000 rows
    with what it takes to join them did not fit into 988 MiB.
    """
    made = itertools.count()

    def stands(kind: str, key: str, number: str, file: str, place: str, source: str) -> None:
        """place: SQL of record_no, field_no, line, byte_start and byte_count."""
        context.output(
            f"{KEY_INDEX}_{next(made)}",
            f"select {literal(kind)} as kind, {key} as key, {number} as number, {file} as source_file,"
            f" {place}\nfrom {source}",
            "key, source_file, record_no, field_no, line, byte_start",
        )

    stands(
        "bib", "k.key", "k.number", "k.source_file", _in_record("k.record_no", "null", "r."),
        "bib_key k join bib_record r using (record_no) where k.key is not null",
    )  # fmt: skip
    if parts.side.embedded:
        stands(
            "item", "f.key", delivered_sql(context, "item", "f.key"), "r.source_file",
            _in_record("f.record_no", _FIELD_NO, "r."),
            "item_embedded_key f join bib_record r on r.record_no = f.record_no",
        )  # fmt: skip
    if parts.holdings:
        stands(
            "holdings", "key", "number", "source_file", _in_record("record_no", "null", ""),
            "holdings_key where key is not null",
        )  # fmt: skip
    in_list = (
        "null::bigint as record_no, (null)::int as field_no, f.line::bigint as line,"
        f" {byte_sql('f.row_id')} as byte_start, f.byte_count as byte_count"
    )
    for thing, _ in parts.things:
        stands(
            thing, "f.key", delivered_sql(context, thing, "f.key"), "w.source_file", in_list,
            f"{thing}_row_key f join {thing}_row_file w"
            f" on w.file_no = (f.row_id >> {PLACE_BITS}) where f.key is not null",
        )  # fmt: skip


def _in_record(record_no: str, field_no: str, record: str) -> str:
    """SQL of the place of what stands in a record of MARC."""
    return (
        f"{record_no}::bigint as record_no, ({field_no})::int as field_no, null::bigint as line,"
        f" {record}byte_start as byte_start, {record}byte_count as byte_count"
    )


def _links(context: Context, parts: Parts) -> None:
    """The outputs bib_item, also where fields or rows name several bibs (bib_item_told), and holdings_item.

    What is told besides is brought to its few pairs before items are asked: the database does not know how
    many rows an output has, and joined all items first (0.36 s for 450,000 items, 0.12 s so).
    """
    side = parts.side
    first = "select bib_number, number as item_number from item_out"
    pieces = []
    if side.embedded:
        pieces.append(
            "select b.number as bib_number, k.number as item_number from item_embedded_again g"
            " join item_key k on k.key = g.key"
            " join bib_key b on b.record_no = g.record_no"
            " where g.what = 'several-bibs' and b.home is not null"
        )
    for rows, adds in ((side.rows, False), *((add.rows, True) for add in side.adds)):
        if not rows.extracts or not any(parent_of(extract) for _, extract in rows.extracts):
            continue
        p = rows.prefix
        key = key_sql(context, "bib", body_sql(context, "bib", "p.v"), "g.has_check")
        pieces.append(
            "select b.number as bib_number, k.number as item_number from (\n"
            "  select row_id, extract, source_file, unnest(string_split(parents, chr(31))) as v"
            f" from {p}_row_parents\n) p"
            " join number_form g on g.use = p.extract || ' parent' and g.source_file = p.source_file"
            f" join {p}_row_key r on r.row_id = p.row_id anti join {p}_row_again a on a.row_id = p.row_id"
            f" join item_key k on k.key = r.key join bib_first b on b.key = {key}"
        )
        if adds or len(rows.extracts) > 1:
            # The row that an item was made of names the bib that it is delivered under.
            other = "" if adds else " and k.row_id is distinct from r.row_id"
            pieces.append(
                "select b.number as bib_number, k.number as item_number"
                f" from {p}_row_key r anti join {p}_row_again using (row_id)"
                f" join item_key k on k.key = r.key{other}"
                " join bib_first b on b.key = r.parent_key"
            )
    if pieces:
        others = "\nunion all ".join(pieces)
        context.table("bib_item_told", f"select distinct bib_number, item_number from (\n{others}\n)", "all")
        first += (
            "\nunion all select t.bib_number, t.item_number from bib_item_told t"
            " join item_out o on o.number = t.item_number where o.bib_number <> t.bib_number"
        )
    context.output("bib_item", first, "bib_number, item_number")
    context.output(
        "holdings_item",
        "select holdings_number, number as item_number from item_out",
        "holdings_number, item_number",
    )
