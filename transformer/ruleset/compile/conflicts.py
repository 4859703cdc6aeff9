"""Items that come both as a field of their bib and as a row: where the two say different things."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from transformer.database.session import literal, quoted
from transformer.ruleset.compile.columns import Columns
from transformer.ruleset.compile.context import Context
from transformer.ruleset.compile.item import Sides, group_sql
from transformer.ruleset.compile.rows import parent_of, set_names

AS_IT_STANDS = "e <> r"
"""The test of a column whose rule cleans nothing."""


class Pair(NamedTuple):
    """A column's name, SQL of what the field (e) and the row (r) say, and of whether that differs."""

    name: str
    e: str
    r: str
    differ: str


def conflicts(context: Context, side: Sides, row: Callable[..., str]) -> str:
    """SELECT of issue rows: one a column where both say something and differ. row: makes one of them.

    What differs as it stands is gathered by column and pair of values, and only a pair is cleaned: of
    225,000 dates that are written in two ways a few thousand pairs are left. Few items differ in a column
    that is not cleaned (dates are, which two exports write in two ways), so a list of all columns is made for
    those alone. Processor time, 270,000 items in both: 3.75 s with each item cleaned, 0.93 s with a list for
    each item, 0.64 so; with grouping sets in place of lists 0.66.
    """
    own = set_names(context, side.rows)
    pairs, tests = _pairs(context, side, own)
    often = {name for name, test in tests if test != AS_IT_STANDS}
    seldom = " or ".join(pair.differ for pair in pairs if pair.name not in often) or "false"
    listed = f"case when {seldom} then {_list(pairs)}"
    listed += f" else {_list([pair for pair in pairs if pair.name in often])} end"
    same = " ".join(f"when {literal(name)} then {test}" for name, test in tests)
    told = f"\n  where coalesce(case name {same} else true end, false)" if same else ""
    source = (
        "(select name, sum(n)::bigint as n, list_sort(flatten(list(examples)))[1:3] as examples from (\n"
        "  select name, n, examples, first_of(e) as e, first_of(r) as r from (\n"
        "  select pair.name as name, pair.e as e, pair.r as r, count(*) as n, min(number, 3) as examples\n"
        "  from (\n"
        f"    select k.number, unnest({listed}) as pair from item_key k\n"
        "    join item_embedded_clean e on e.record_no = k.own_record_no and e.field_id = k.field_id\n"
        "    join item_row_clean r on r.row_id = k.row_id\n"
        f"  ) where pair is not null group by all\n)){told} group by name)"
    )
    winner = "row" if context.project.item.wins == "rows" else "embedded field"
    said = f"n || ' items differ between field and row; the {winner} was taken: '"
    said += " || array_to_string(examples, ', ')"
    return row("source-conflict", "item", source, column="name", rule="'item.wins'", message=said)


def _pairs(context: Context, side: Sides, own: frozenset[str]) -> tuple[list[Pair], list[tuple[str, str]]]:
    """What is compared, and the names of the columns with a rule with their tests once it has cleaned."""
    grouped = {c for group in side.rows.together for c in group}
    pairs, tests = [], []
    for name in sorted(side.embedded_columns & own - grouped):
        e, r = f"e.{quoted(name)}", f"r.{quoted(name)}"
        pairs.append(Pair(name, e, r, f"{e} <> {r}"))
        tests.append((name, _differs(context, name)))
    for group in side.rows.together:
        e, r = (f"nullif({group_sql(group, *one)}, '')" for one in (("e", side.embedded_columns), ("r", own)))
        alike = [
            f"e.{quoted(c)} is distinct from r.{quoted(c)}" for c in group if c in side.embedded_columns & own
        ]
        # Most are alike as they stand and need not be joined first.
        unlike = f"({' or '.join(alike)}) and " if len(alike) == len(group) else ""
        pairs.append(Pair(group[0], e, r, f"({unlike}{e} <> {r})"))
    parent = next((parent_of(e) for _, e in side.rows.extracts if parent_of(e)), "")
    if parent:
        e, r = "k.own_record_no", "k.told_record_no"
        pairs.append(Pair(parent, f"{e}::varchar", f"{r}::varchar", f"{e} <> {r}"))
    return pairs, [(name, test) for name, test in tests if test]


def _list(pairs: list[Pair]) -> str:
    """SQL of a list: for each pair a struct where its sides differ, else null."""
    structs = (
        f"case when {one.differ} then {{'name': {literal(one.name)}, 'e': {one.e}, 'r': {one.r}}} end"
        for one in pairs
    )
    return f"[{', '.join(structs)}]"


def _differs(context: Context, name: str) -> str:
    """SQL: e and r differ, once cleaned as the rule of the column cleans. Empty: there is none."""
    columns = Columns(context, "item", {}, frozenset())
    rule = next(
        (r for rules in context.ruleset.rules.item.values() for r in rules if r.source == (name,)), None
    )
    if rule is None:
        return ""
    return " <> ".join(columns.cleaned(rule, side) for side in "er")
