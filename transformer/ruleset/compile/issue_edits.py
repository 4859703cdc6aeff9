"""Findings about edits of bibs and MARC holdings, and about items and the holdings they belong to."""

from __future__ import annotations

from collections.abc import Callable

from transformer.database.session import literal
from transformer.ruleset.compile.context import Context
from transformer.ruleset.compile.edit_names import Thing
from transformer.ruleset.compile.edits import not_made
from transformer.ruleset.files.rules import HoldingsMatch

Row = Callable[..., str]
_EXAMPLES = "array_to_string(examples, ', ')"


def edit_issues(context: Context, edited: list[Thing], match: HoldingsMatch, row: Row) -> list[str]:
    """SELECTs of issue rows: edits that lack what they take, values that a map does not know, matches."""
    pieces: list[str] = []
    for thing in edited:
        kind = "bib" if thing.name == "bib" else "holdings"
        pieces += _lacking(context, thing, kind, row)
        pieces += _unmapped(thing, kind, row)
    if len(edited) > 1 and match.columns:
        pieces += _matches(row)
    return pieces


def _lacking(context: Context, thing: Thing, kind: str, row: Row) -> list[str]:
    """Edits that were due and lack what they take. Those that stand side by side are counted in one go."""
    pieces = []
    side_by_side, table = f"{thing.name}_edit", f"{thing.name}_edit_lacks"
    counts = []
    for edit, place, test in not_made(thing):
        names = ", ".join(dict.fromkeys(edit.made.names if edit.made is not None else ()))
        if place == side_by_side:
            counts.append(
                f"count(*) filter (where {test}) as {test}, min(number, 3) filter (where {test}) as x{test}"
            )
            counted = f"(select {test} as n, x{test} as examples from {table}) where n > 0"
        else:
            found = f"select count(*) as n, min(number, 3) as examples from {place} where {test}"
            counted = f"({found}) where n > 0"
        pieces.append(
            row(
                "edit-not-made", kind, counted,
                tag=literal(edit.makes[0]), rule=literal(f"{kind}.edit {edit.rule.id}"),
                message=f"n || ' {_MANY[kind]} lack what it takes ({names}), for instance ' || {_EXAMPLES}",
            )
        )  # fmt: skip
    if counts:
        context.table(table, f"select {', '.join(counts)}\nfrom {side_by_side}", "all")
    return pieces


_MANY = {"bib": "bibs", "holdings": "holdings"}


def _unmapped(thing: Thing, kind: str, row: Row) -> list[str]:
    pieces = []
    for group in thing.plan.groups:
        for edit in group.edits:
            if edit.rule.map is None or edit.rule.map.on_unmapped != "issue":
                continue
            table = f"{thing.name}_fields_{group.number}_unmapped_{edit.number}"
            source = (
                f"(select v, n, (select list(k.number order by k.number) from {thing.name}_key k"
                f" where k.record_no in (select unnest(t.records))) as examples from {table} t)"
            )
            pieces.append(
                row(
                    "code-unmapped", kind, source,
                    tag=literal(edit.rule.map.field[:3]), rule=literal(f"{kind}.edit {edit.rule.id}"),
                    value="v", message=f"n || ' fields have this value, for instance in ' || {_EXAMPLES}",
                )
            )  # fmt: skip
    return pieces


def _matches(row: Row) -> list[str]:
    beside = (
        "(select count(*) as n, min(number, 3) as examples from item_out"
        " where bib_number in (select parent_number from holdings_key where code is null)"
        " and holdings_number not in (select number from holdings_key where code is null)) where n > 0"
    )
    several = (
        "(select count(*) as n, min(number, 3) as examples from holdings_match where record_count > 1)"
        " where n > 0"
    )
    return [
        row(
            "holdings-made-beside", "item", beside, rule="'holdings.match'",
            message="n || ' items found none of the MARC holdings of their bib, for instance '"
            f" || {_EXAMPLES}",
        ),
        row(
            "holdings-several-match", "holdings", several, rule="'holdings.match'",
            message=f"n || ' places have several MARC holdings; items go to the first, for instance '"
            f" || {_EXAMPLES}",
        ),
    ]  # fmt: skip
