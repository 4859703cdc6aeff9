"""Findings about rows that hang on others, statuses, merged bibs and MARC holdings, as issue rows.

What can happen to thousands of rows is one row of the issue table with its count and three lines; values of
people are never shown.
"""

from __future__ import annotations

from collections.abc import Callable

from transformer.database.session import literal
from transformer.ruleset.compile.bib import merging
from transformer.ruleset.compile.context import Context
from transformer.ruleset.compile.fate import Parts
from transformer.ruleset.compile.links import NO_ITEM
from transformer.ruleset.compile.rows import PLACE_BITS
from transformer.ruleset.compile.status import MET, status_code

Row = Callable[..., str]
_SEVERAL = {"loan": "item-several-loans", "request": "item-several-requests"}
_NO_PATRON = {"loan": "loan-no-patron", "request": "request-no-patron"}
_LINES = "array_to_string(lines, ', ')"


def row_issues(context: Context, parts: Parts, row: Row) -> list[str]:
    """SELECTs of issue rows. row: makes one, as `compile_issue.row` does."""
    adding = {add.name for add in parts.adds}
    pieces = []
    for kind, prefix in parts.taken_in:
        other = "nothing-to-add-to" if prefix in adding else NO_ITEM[kind]
        own = ("holdings-no-number", "duplicate-number") if kind == "holdings" else ()
        pieces += [_aside(row, kind, prefix, code) for code in ("row-left-out", other, *own)]
    for linked in parts.linked:
        if linked.kind != "item_status":
            pieces.append(_several(row, linked.kind))
        if linked.kind in _NO_PATRON and linked.names("patron") and parts.patrons:
            pieces.append(_no_patron(row, linked.kind, linked.table))
    if parts.holdings:
        pieces += _holdings(row)
    bib = context.ruleset.rules.extract["bib"]
    if merging(context, bib):
        pieces += _merged(context, row)
    return pieces + [_left_out(row, kind) for kind, rows in parts.things if rows.left_out]


def _aside(row: Row, kind: str, prefix: str, code: str) -> str:
    source = (
        f"(select f.rule, w.extract, w.source_file, count(*) as n, min(s.line, 3) as lines\n"
        f"  from {prefix}_row_aside f join {prefix}_row_key s on s.row_id = f.row_id\n"
        f"  join {prefix}_row_file w on w.file_no = (f.row_id >> {PLACE_BITS})\n"
        f"  where f.code = {literal(code)} group by all)"
    )
    return row(
        code, kind, source, source_file="source_file", rule="'extract.' || extract || '.' || rule",
        message=f"n || ' rows, for instance in the lines ' || {_LINES}",
    )  # fmt: skip


def _several(row: Row, kind: str) -> str:
    source = f"(select count(*) as n from {kind}_key where nth = 2) where n > 0"
    return row(
        _SEVERAL[kind], "item", source, rule=literal(f"links of {kind}"),
        message=f"n || ' items have more than one {kind}'",
    )  # fmt: skip


def _no_patron(row: Row, kind: str, table: str) -> str:
    source = (
        f"(select w.source_file, count(*) as n, min(s.line, 3) as lines from {table} k\n"
        f"  join {kind}_row_key s on s.row_id = k.row_id\n"
        f"  join {kind}_row_file w on w.file_no = (k.row_id >> {PLACE_BITS})\n"
        "  where k.patron_key is null group by 1)"
    )
    return row(
        _NO_PATRON[kind], kind, source, source_file="source_file", rule=literal(f"links of {kind}"),
        message=f"n || ' rows, for instance in the lines ' || {_LINES}",
    )  # fmt: skip


def _holdings(row: Row) -> list[str]:
    said = {
        "holdings-no-number": "no record number in this record; it is set aside",
        "holdings-no-bib": "no bib of this extract has the number that the record names; it is set aside",
        "duplicate-number": "an earlier record has the same number; this one is set aside",
    }
    place = {"record_id": "coalesce(number, '')", "source_file": "source_file", "byte_start": "byte_start"}
    made = [
        row(
            code, "holdings", f"holdings_key where code = {literal(code)}",
            rule="rule", message=literal(text), **place,
        )
        for code, text in said.items()
    ]  # fmt: skip
    made.append(
        row(
            "holdings-same-key", "holdings", "holdings_key where same and code is null",
            rule="'extract.' || extract || '.key'",
            message="'numbered by its place among those with the same key'", **place,
        )
    )  # fmt: skip
    return made


def _merged(context: Context, row: Row) -> list[str]:
    """Bibs with one number whose fields differ, whether they were kept apart or united."""
    return [
        row(
            "bib-differs", "bib",
            "bib_same s join bib_key k using (record_no) join bib_record r using (record_no)"
            " where s.differs and k.key is not null",
            record_id="k.number", source_file="k.source_file", byte_start="r.byte_start",
            rule="'extract.bib.profile.differing'",
            message="case when k.stream is null then 'united with the first: its other fields were added'"
            " else 'kept apart: it is delivered as a bib of its own' end",
        ),
        row(
            "bib-merged", "bib",
            "(select count(*) as n, min(k.number, 3) as examples from bib_key k"
            " where k.stream is null and k.home is not null) where n > 0",
            rule="'extract.bib.profile.merge'",
            message="n || ' records went into the first with their number, for instance '"
            " || array_to_string(examples, ', ')",
        ),
    ]  # fmt: skip


def _left_out(row: Row, kind: str) -> str:
    source = (
        f"(select w.extract, w.source_file, count(*) as n, min(s.line, 3) as lines\n"
        f"  from {kind}_row_again f join {kind}_row_key s on s.row_id = f.row_id\n"
        f"  join {kind}_row_file w on w.file_no = (f.row_id >> {PLACE_BITS})\n"
        "  where f.what = 'left-out' group by all)"
    )
    return row(
        "row-left-out", kind, source, source_file="source_file",
        rule="'extract.' || extract || '.only_if'",
        message=f"n || ' rows, for instance in the lines ' || {_LINES}",
    )  # fmt: skip


def status_issues(context: Context, row: Row) -> list[str]:
    """Codes that no row of the map knows or that only their label found; loans and withdrawals at odds."""
    said = "row_count || ' rows, for instance ' || array_to_string(examples, ', ')"
    code = status_code(context)
    sets = (
        "(select sum(s.row_count)::bigint as n, list_sort(flatten(list(s.examples)))[1:3] as examples{what}\n"
        "  from statuses_decided d join statuses_set s using (decision_no)"
        " where {test}{group}) where n > 0"
    )
    counted = "n || ' items, for instance ' || array_to_string(examples, ', ')"
    on_both = "contains(split_part(d.status_set, chr(30), 1), 'LR')"
    pieces = [
        row(
            "code-unmapped", "item", f"{MET} where not mapped and not place",
            column="'base_status'", value=code, rule="'map.item_status'", message=said,
        ),
        row(
            "matched-by-label", "item", f"{MET} where mapped and matched_by = 'label'",
            value=code, rule="map_file || ':' || map_line",
            message=f"'taken as ' || label || ' by its label: ' || {said}",
        ),
        row(
            "request-on-loan", "item", sets.format(what="", test=on_both, group=""),
            rule="'item_status.hold_shelf'", message=counted,
        ),
    ]  # fmt: skip
    named = {"what": ", d.label", "group": " group by d.label"}
    if context.project.item.withdrawn == "list":
        pieces.append(
            row(
                "item-withdrawn-listed", "item", sets.format(test="d.withdrawn", **named),
                value="label", rule="'item.withdrawn'", message=counted,
            )
        )  # fmt: skip
    if context.project.item.withdrawn == "drop":
        test = "d.withdrawn and not d.dropped"
        pieces.append(
            row(
                "withdrawn-in-use", "item", sets.format(test=test, **named),
                value="label", rule="'item.withdrawn'", message=counted,
            )
        )  # fmt: skip
    return pieces
