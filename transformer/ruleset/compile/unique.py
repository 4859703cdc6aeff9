"""Values that only one item may have, and values that none may lack: what a library chose to do about them.

    unique = "first"      the first keeps it, later ones lose it
             "suffix"     the second gets -2 behind it, the third -3
             "drop"       all lose it
             "set_aside"  the first keeps it, later items are set aside
    blank  = "set_aside"  items without it are set aside

First is the order of delivery: bibs in file order, then rows. Reported only (`report`), nothing happens here.
item_double: key, number, column, its value before, nth of its value, and what becomes of it; one row an item
and column that is touched; the output item_double_out is kept with a run, since one item does not show it.
Items set aside join item_aside, so that all views below leave them out. A suffixed value that another item
has already is told as a double.
"""

from __future__ import annotations

from collections.abc import Callable

from transformer.database.session import literal, quoted
from transformer.ruleset.compile.columns import Columns
from transformer.ruleset.compile.context import Context

CHANGING = ("first", "suffix", "drop")
_ORDER = "own_record_no nulls last, field_id, row_id"


def chosen(columns: Columns) -> list[tuple[str, str, str]]:
    """(column, unique, blank) of the columns for which something is to be done."""
    found = []
    for name, rules in columns.rules.items():
        unique = next((r.unique for r in rules if r.unique in (*CHANGING, "set_aside")), "")
        blank = next((r.blank for r in rules if r.blank == "set_aside"), "")
        if unique or blank:
            found.append((name, str(unique), str(blank)))
    return found


def compile_unique(context: Context, columns: Columns, below: str) -> None:
    """item_double, the rows it adds to item_aside, and the view item_unique over the last view of items."""
    told = chosen(columns)
    if not told:
        return
    pieces = [_double(name, unique, below) for name, unique, _ in told if unique]
    pieces += [_blank(name, below) for name, _, blank in told if blank]
    context.table("item_double", "\nunion all\n".join(pieces), "all")
    code = "case act when 'blank' then 'value-missing-set-aside' else 'duplicate-set-aside' end"
    context.insert(
        "item_aside",
        f"select key, any_value(number), any_value(field_id), any_value(row_id), min({code}),"
        " min('item.' || \"column\")\n"
        "from item_double where act in ('set_aside', 'blank') group by key",
    )
    kept = 'select key, number, "column", "value", nth, act from item_double'
    context.output("item_double_out", kept, 'key, "column"')
    joins, shown = [], []
    for place, (name, unique, _) in enumerate(told):
        if unique in CHANGING:
            value = f"d.{quoted(name)}"
            changed = f"{value} || '-' || d{place}.nth" if unique == "suffix" else "null"
            test = f"d{place}.key is not null" if unique == "drop" else f"d{place}.nth > 1"
            shown.append(f"case when {test} then {changed} else {value} end as {quoted(name)}")
            where = f'd{place}.key = d.key and d{place}."column" = {literal(name)}'
            joins.append(f"left join item_double d{place} on {where} and d{place}.act = {literal(unique)}")
    replaced = f" replace (\n  {', '.join(shown)})" if shown else ""
    context.view("item_unique", f"select d.*{replaced}\nfrom {below} d\n" + "\n".join(joins), "bib")


def _double(name: str, unique: str, below: str) -> str:
    """SELECT of the items with a value that several have; of those that may keep it too, as nth 1."""
    column = quoted(name)
    first = "" if unique in ("suffix", "drop", "first") else " and nth > 1"
    return (
        f'select key, number, field_id, row_id, {literal(name)} as "column", v as "value", nth,'
        f" {literal(unique)} as act\n"
        f"from (select key, number, field_id, row_id, v, row_number() over w as nth,"
        f" count(*) over (partition by v) as n\n"
        f"  from (select *, {column} as v from {below}) where v is not null\n"
        f"  window w as (partition by v order by {_ORDER}))\nwhere n > 1{first}"
    )


def _blank(name: str, below: str) -> str:
    return (
        f'select key, number, field_id, row_id, {literal(name)} as "column",'
        " null::varchar as \"value\", 1 as nth, 'blank' as act\n"
        f"from {below} where {quoted(name)} is null"
    )


def unique_issues(columns: Columns, row: Callable[..., str]) -> list[str]:
    """SELECTs of issue rows: how many were changed or set aside, with three examples."""
    if columns.thing != "item" or not chosen(columns):
        return []
    done = (
        ("duplicate-changed", "first", "nth > 1", "lost a value that an earlier one has"),
        ("duplicate-changed", "suffix", "nth > 1", "got a number behind a value that an earlier one has"),
        ("duplicate-changed", "drop", "true", "lost a value that several had"),
        ("duplicate-set-aside", "set_aside", "true", "are set aside: an earlier one has the same value"),
        ("value-missing-set-aside", "blank", "true", "are set aside: they have no value"),
    )
    return [
        row(
            code, "item",
            "(select \"column\" as c, count(*) as n, min(number, 3) as examples from item_double"
            f" where act = {literal(act)} and {test} group by 1)",
            column="c", rule="'item.' || c",
            message=f"n || {literal(f' {said}; for instance ')} || array_to_string(examples, ', ')",
        )
        for code, act, test, said in done
    ]  # fmt: skip
