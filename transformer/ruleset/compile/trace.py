"""How one thing came about: the part of a program that it takes, and each rule's input and result, as SQL.

`needed` leaves out of a program what no wanted statement reads. `trace_columns` is one SELECT over the last
view of a thing: what each rule of each column was given, and what it made of it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from transformer.database.session import literal, quoted
from transformer.ruleset.compile.bib import kind_sql
from transformer.ruleset.compile.columns import Columns, rule_names
from transformer.ruleset.compile.context import Statement
from transformer.ruleset.compile.patron import row_sql
from transformer.ruleset.files.rules import CHILDREN, Child, ChildRow
from transformer.ruleset.files.words import condition

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LAST_FROM = re.compile(r"\bfrom (?:\(select i\.\*[^()]* from )?(\w+)(?: i\n[^()]*\))?\s*$")
"""The view at the end of a statement, which items join to the MARC holdings that they belong to."""

Part = Literal[
    "input", "value", "condition", "mapped", "map_file", "map_line", "map_label", "result", "column"
]


@dataclass(frozen=True, slots=True)
class Cell:
    """One expression of a trace: of which column and rule (from 0; -1 for the column as a whole), and which
    part of it. name: of an input."""

    column: str
    rule: int
    part: Part
    name: str = ""


def names_in(statement: Statement) -> frozenset[str]:
    """Every word of a statement that may be a table's name."""
    return frozenset(_NAME.findall(statement.body))


def needed(
    statements: Sequence[Statement], wanted: Collection[str], given: Collection[str] = ()
) -> list[Statement]:
    """The statements, in order, that make `wanted`. given: tables that are there already."""
    wants = set(wanted) - set(given)
    kept: list[Statement] = []
    for statement in reversed(statements):
        if statement.kind == "drop" or statement.name in given or statement.name not in wants:
            continue
        wants |= names_in(statement) - set(given)
        kept.append(statement)
    return kept[::-1]


def below(statements: Iterable[Statement], output: str) -> str:
    """The view that an output of columns reads; empty if there is none."""
    for statement in statements:
        if statement.name == output:
            found = _LAST_FROM.search(statement.body)
            return found[1] if found else ""
    return ""


def trace_columns(columns: Columns, view: str, key: str) -> tuple[str, list[Cell]]:
    """SELECT of one row, and what each of its values is. view: see `below`."""
    cells: list[Cell] = []
    shown: list[str] = []

    def add(cell: Cell, sql: str) -> None:
        cells.append(cell)
        shown.append(f"({sql})::varchar")

    for name, cases in columns.rules.items():
        add(Cell(name, -1, "column"), quoted(name))
        for number, rule in enumerate(cases):
            for source in dict.fromkeys(rule_names(rule)):
                add(Cell(name, number, "input", source), columns.resolve(source))
            if rule.when:
                test = condition(rule.when, columns.one, kind_sql(columns.context))
                add(Cell(name, number, "condition"), f"coalesce({test}, false)")
            if rule.map:
                keys = columns.keys(rule)
                use = columns.uses[rule.map, keys]
                add(Cell(name, number, "value"), " || ' | ' || ".join(keys))
                add(Cell(name, number, "mapped"), quoted(use.column("mapped")))
                for part in ("map_file", "map_line"):
                    add(Cell(name, number, part), quoted(use.column(part)))
                add(Cell(name, number, "map_label"), quoted(use.column("label")))
            else:
                add(Cell(name, number, "value"), columns.value(rule))
            add(Cell(name, number, "result"), columns.case(name, rule))
    listed = ",\n  ".join(shown)
    return f"select {listed}\nfrom {view} where key = {literal(key)}", cells


def child_rules(columns: Columns) -> list[tuple[str, int, ChildRow, str]]:
    """(child table, number of the rule, the rule, SELECT of the rows it makes) of a patron's children."""
    found = []
    for name in CHILDREN:
        table = columns.context.ruleset.rules.child.get(name)
        child: Child = getattr(columns.context.ruleset.rules, name)
        for number, row in enumerate(child.row if table is not None else ()):
            if table is not None and row.each in columns.source:
                shown = ", ".join(quoted(c) for c in table.columns if c != "preferred")
                made = row_sql(number, row, table.columns, columns)
                found.append((name, number, row, f"select {shown} from ({made}) order by nth, place"))
    return found
