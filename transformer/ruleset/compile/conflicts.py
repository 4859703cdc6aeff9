"""Items that come both as a field of their bib and as a row: where the two say different things."""

from __future__ import annotations

from collections.abc import Callable

from transformer.database.session import literal, quoted
from transformer.ruleset.compile.columns import Columns
from transformer.ruleset.compile.context import Context
from transformer.ruleset.compile.item import Sides, group_sql
from transformer.ruleset.compile.rows import parent_of, set_names


def conflicts(context: Context, side: Sides, row: Callable[..., str]) -> str:
    """SELECT of issue rows: one a column where both say something and differ. row: makes one of them.

    What differs as it stands is gathered by column and pair of values, and only a pair is cleaned: of
    225,000 dates that are written in two ways a few thousand pairs are left. Processor time, 270,000 items
    in both: 3.75 s with each item cleaned, 1.1 s so.
    """
    own = set_names(context, side.rows)
    grouped = {c for group in side.rows.together for c in group}
    pairs, tests = [], []
    for name in sorted(side.embedded_columns & own - grouped):
        pairs.append((name, f"e.{quoted(name)}", f"r.{quoted(name)}"))
        tests.append((name, _differs(context, name)))
    for group in side.rows.together:
        e, r = group_sql(group, "e", side.embedded_columns), group_sql(group, "r", own)
        pairs.append((group[0], f"nullif({e}, '')", f"nullif({r}, '')"))
    parent = next((parent_of(e) for _, e in side.rows.extracts if parent_of(e)), "")
    if parent:
        pairs.append((parent, "k.own_record_no::varchar", "k.told_record_no::varchar"))
    listed = ", ".join(
        f"case when {e} <> {r} then {{'name': {literal(name)}, 'e': {e}, 'r': {r}}} end"
        for name, e, r in pairs
    )
    same = " ".join(f"when {literal(name)} then {test}" for name, test in tests if test)
    told = f"\n  where coalesce(case name {same} else true end, false)" if same else ""
    source = (
        "(select name, sum(n)::bigint as n, list_sort(flatten(list(examples)))[1:3] as examples from (\n"
        "  select pair.name as name, pair.e as e, pair.r as r, count(*) as n, min(number, 3) as examples\n"
        "  from (\n"
        f"    select k.number, unnest([{listed}]) as pair from item_key k\n"
        "    join item_embedded_clean e on e.record_no = k.own_record_no and e.field_id = k.field_id\n"
        "    join item_row_clean r on r.row_id = k.row_id\n"
        f"  ) where pair is not null group by all\n){told} group by name)"
    )
    winner = "row" if context.project.item.wins == "rows" else "embedded field"
    said = f"n || ' items differ between field and row; the {winner} was taken: '"
    said += " || array_to_string(examples, ', ')"
    return row("source-conflict", "item", source, column="name", rule="'item.wins'", message=said)


def _differs(context: Context, name: str) -> str:
    """SQL: e and r differ, once cleaned as the rule of the column cleans. Empty: there is none."""
    columns = Columns(context, "item", {}, frozenset())
    rule = next(
        (r for rules in context.ruleset.rules.item.values() for r in rules if r.source == (name,)), None
    )
    if rule is None:
        return ""
    return " <> ".join(columns.cleaned(rule, f"first_of({side})") for side in "er")
