"""What the compiler knows while it writes SQL, and the statements it writes.

A `Statement` creates one table or view, adds to one, drops one, or is an output: a SELECT with a total
order that is drained to Arrow and registered again under its name for the statements after it. Names in
staged tables that no file has are empty: `Context.column` gives NULL for them.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from transformer.database.session import literal, quoted
from transformer.ruleset.project import Project
from transformer.ruleset.rules import NumberKind, NumberShape, RuleSet
from transformer.ruleset.words import WordError

Scope = Literal["record", "bib", "all"]
"""What a statement must see at once: one record; a bib with its holdings and items; everything."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One step: `name` of the table, view or output, its SQL, its scope.

    Of an output: `order`, a total order, and `bucket`: a narrow table and the integer columns, first sort
    columns of `order`, by whose ranges the output may be drained piece by piece (see pipeline.apply_buckets).
    """

    name: str
    kind: Literal["table", "view", "insert", "output", "drop"]
    body: str
    scope: Scope = "record"
    order: str = ""
    bucket: tuple[str, ...] = ()

    @property
    def sql(self) -> str:
        """The whole statement."""
        if self.kind == "output":
            return f"{self.body}\norder by {self.order}"
        if self.kind == "insert":
            return f"insert into {self.name}\n{self.body}"
        if self.kind == "drop":
            return f"drop table {self.name}"
        return f"create {self.kind} {self.name} as\n{self.body}"

    def part(self, test: str) -> str:
        """SQL of the rows of an output that meet `test`, in order; empty = all."""
        if not test:
            return self.sql
        return f"select * from (\n{self.body}\n) where {test}\norder by {self.order}"


@dataclass(slots=True)
class Context:
    """Rules, project, the day of the run, and the columns of each staged table that is there."""

    ruleset: RuleSet
    project: Project
    as_of: datetime.date
    columns: Mapping[str, frozenset[str]]
    statements: list[Statement] = field(default_factory=list)

    def table(self, name: str, body: str, scope: Scope = "record") -> None:
        """Add a table."""
        self.statements.append(Statement(name, "table", body.strip("\n"), scope))

    def view(self, name: str, body: str, scope: Scope = "record") -> None:
        """Add a view."""
        self.statements.append(Statement(name, "view", body.strip("\n"), scope))

    def output(
        self, name: str, body: str, order: str, scope: Scope = "all", bucket: tuple[str, ...] = ()
    ) -> None:
        """Add an output: `body` sorted by `order`, which must be a total order."""
        self.statements.append(Statement(name, "output", body.strip("\n"), scope, order, bucket))

    def insert(self, name: str, body: str, scope: Scope = "all") -> None:
        """Add rows to a table."""
        self.statements.append(Statement(name, "insert", body.strip("\n"), scope))

    def drop(self, name: str) -> None:
        """Let a table go that nothing after this needs."""
        self.statements.append(Statement(name, "drop", ""))

    def has(self, table: str) -> bool:
        """Whether a staged table is there."""
        return table in self.columns

    def column(self, table: str, name: str, alias: str = "") -> str:
        """SQL of a staged column, NULL if no file has it."""
        if name not in self.columns.get(table, frozenset()):
            return "null::varchar"
        return f"{alias}.{quoted(name)}" if alias else quoted(name)

    def number_kind(self, kind: str) -> tuple[NumberKind, NumberShape]:
        """How numbers of `kind` are written."""
        rules = self.ruleset.rules
        known = rules.number.get(kind)
        if known is None or known.shape not in rules.number_shape:
            raise WordError(f"numbers of {kind}", f"[number.{kind}] with a shape that is there")
        return known, rules.number_shape[known.shape]

    def project_value(self, name: str) -> str | None:
        """SQL of `numbers.x` and `site`, from the project file; null if empty; None if no such name."""
        section, _, key = name.partition(".")
        if section == "numbers" and key in ("prefix", "prefix_035", "former_003"):
            value = str(getattr(self.project.numbers, key))
            return literal(value) if value else "null::varchar"
        if name == "as_of":
            return literal(self.as_of.strftime("%y%m%d"))
        return None


def blank_sql(value: str, spellings: tuple[str, ...], *, whole: bool = True) -> str:
    """`value` trimmed, null where it is blank or one of the spellings of nothing.

    whole: with its repeats; else the first of them only. Cutting here, once, spares every rule above it.
    """
    if value.startswith("null"):
        return value
    if not whole:
        value = f"case when contains({value}, chr(31)) then split_part({value}, chr(31), 1) else {value} end"
    known = ", ".join(literal(s.strip()) for s in ("", *spellings))
    return f"case when trim({value}) in ({known}) then null else trim({value}) end"


def date_sql(value: str, patterns: tuple[str, ...], pivot: int, this_year: int) -> str:
    """ISO text of a date written in one of the patterns; null if none fits or there is no such day.

    Patterns are words of YYYY, YY, MM, DD and signs, each of fixed length. A time after a blank is cut off.
    """
    day = f"split_part({value}, ' ', 1)"
    tries = []
    for pattern in patterns:
        shape = pattern
        for word in ("YYYY", "YY", "MM", "DD"):
            shape = shape.replace(word, "d" * len(word))
        regex = "".join("[0-9]" if c == "d" else "\\" + c for c in shape)
        year_at = pattern.find("YYYY")
        month = f"substr({day}, {pattern.index('MM') + 1}, 2)"
        date = f"substr({day}, {pattern.index('DD') + 1}, 2)"
        if year_at >= 0:
            year = f"substr({day}, {year_at + 1}, 4)"
        else:
            year = f"full_year(substr({day}, {pattern.index('YY') + 1}, 2), {this_year}, {pivot})"
        made = f"try_cast({year} || '-' || {month} || '-' || {date} as date)::varchar"
        like = "".join("_" if c == "d" else c for c in shape)
        # LIKE weeds out other shapes at a tenth of the cost of a regular expression.
        tries.append(
            f"when {day} like {literal(like)} and regexp_full_match({day}, {literal(regex)}) then {made}"
        )
    return f"case {' '.join(tries)} end"


def check_pattern(pattern: str) -> None:
    """WordError unless the pattern has a year, MM and DD, each once."""
    years = pattern.count("YYYY") or pattern.count("YY")
    if years != 1 or pattern.count("MM") != 1 or pattern.count("DD") != 1:
        raise WordError(f"date pattern {pattern!r}", "YYYY or YY, MM and DD once each, e.g. MM-DD-YYYY")
