"""What the compiler knows while it writes SQL, and the statements it writes.

A `Statement` creates one table or view, adds to one, drops one, or is an output: a SELECT with a total
order that is drained to Arrow and registered again under its name for the statements after it. Names in
staged tables that no file has are empty: `Context.column` gives NULL for them.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from transformer.database.session import literal, quoted
from transformer.ruleset.files.project import Project
from transformer.ruleset.files.rules import NumberKind, NumberShape, RuleSet
from transformer.ruleset.files.words import WordError

Scope = Literal["record", "bib", "all"]
"""What a statement must see at once: one record; a bib with its holdings and items; everything."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One step: `name` of the table, view or output, its SQL, its scope.

    Of an output: `order`, a total order, and `bucket`: a narrow table and the integer columns, first sort
    columns of `order` (a plain list then), by whose ranges it is sorted (see pipeline.apply_buckets).
    """

    name: str
    kind: Literal["table", "view", "insert", "update", "output", "drop"]
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
        if self.kind == "update":
            return f"update {self.name} {self.body}"
        if self.kind == "drop":
            return f"drop table {self.name}"
        return f"create {self.kind} {self.name} as\n{self.body}"


@dataclass(slots=True)
class Context:
    """Rules, project, the day of the run, and the columns of each staged table that is there.

    clean: those whose texts have no outer blanks and one value each, null where nothing is said.
    """

    ruleset: RuleSet
    project: Project
    as_of: datetime.date
    columns: Mapping[str, frozenset[str]]
    clean: Mapping[str, frozenset[str]] = field(default_factory=dict)
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

    def update(self, name: str, body: str, scope: Scope = "record") -> None:
        """Change rows of a table: `set ... where ...`."""
        self.statements.append(Statement(name, "update", body.strip("\n"), scope))

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

    def is_clean(self, table: str, name: str) -> bool:
        """Whether a staged column needs no cleaning, nor a look for repeats."""
        return name in self.clean.get(table, frozenset())

    def value(
        self, table: str, name: str, alias: str, spellings: tuple[str, ...], *, whole: bool = False
    ) -> str:
        """SQL of a staged column without blanks and spellings of nothing (see `blank_sql`)."""
        value = self.column(table, name, alias)
        return value if self.is_clean(table, name) else blank_sql(value, spellings, whole=whole)

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


_WORDS = re.compile(r"YYYY|YY|MMM|MM|DD|DAYS|M|D|\*")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_REGEX = {
    "YYYY": "([0-9]{4})", "YY": "([0-9]{2})", "MMM": "([A-Za-z]{3})", "MM": "([0-9]{2})", "DD": "([0-9]{2})",
    "M": "([0-9]{1,2})", "D": "([0-9]{1,2})", "DAYS": "([0-9]{1,6})", "*": "(.*)",
}  # fmt: skip


def date_sql(value: str, patterns: tuple[str, ...], pivot: int, this_year: int) -> str:
    """ISO text of a date written in one of the patterns; null if none fits or there is no such day.

    Patterns are words and signs: YYYY, YY (see `pivot`), MM, M (one digit or two), MMM (jan ... dec), DD, D,
    DAYS (days since 1970-01-01), * (whatever follows). A time after a blank is cut off.
    """
    day = f"split_part({value}, ' ', 1)"
    tries = []
    for pattern in patterns:
        words = _WORDS.findall(pattern)
        made = _made_sql(day, pattern, words, pivot, this_year)
        regex = _regex(pattern)
        # LIKE weeds out other shapes at a tenth of the cost of a regular expression.
        like = "" if {*words} - {"YYYY", "YY", "MM", "DD"} else f"{day} like {literal(_like(pattern))} and "
        tries.append(f"when {like}regexp_full_match({day}, {literal(regex)}) then {made}")
    return f"case {' '.join(tries)} end"


def _like(pattern: str) -> str:
    return _WORDS.sub(lambda found: "_" * len(found[0]), pattern)


def _regex(pattern: str) -> str:
    """A pattern as a regular expression without groups."""
    parts, at = [], 0
    for found in _WORDS.finditer(pattern):
        parts.append(re.escape(pattern[at : found.start()]))
        parts.append(_REGEX[found[0]].strip("()"))
        at = found.end()
    return "".join(parts) + re.escape(pattern[at:])


def _made_sql(day: str, pattern: str, words: list[str], pivot: int, this_year: int) -> str:
    """SQL of the ISO text of `day`, which has the pattern's shape."""
    if words == ["DAYS"]:
        return f"(date '1970-01-01' + try_cast({day} as integer))::varchar"
    if {*words} == {"YYYY", "MM", "DD"} and "%" not in pattern and all(_WORDS.split(pattern)[1:-1]):
        # 140 ns a value, 220 from its parts put together (tried: a CASE around it makes all dearer).
        form = pattern.replace("YYYY", "%Y").replace("MM", "%m").replace("DD", "%d")
        return f"try_strptime({day}, {literal(form)})::date::varchar"
    place = {word: number for number, word in enumerate(words, start=1)}
    fixed = not {*words} - {"YYYY", "YY", "MM", "DD"}
    grouped = literal(_grouped(pattern))

    def part(word: str) -> str:
        if fixed:
            return f"substr({day}, {pattern.index(word) + 1}, {len(word)})"
        return f"regexp_extract({day}, {grouped}, {place[word]})"

    year = part("YYYY") if "YYYY" in place else f"full_year({part('YY')}, {this_year}, {pivot})"
    if "MMM" in place:
        months = ", ".join(literal(name) for name in _MONTHS)
        month = f"lpad(list_position([{months}], lower({part('MMM')}))::varchar, 2, '0')"
    else:
        month = part("MM") if "MM" in place else f"lpad({part('M')}, 2, '0')"
    date = part("DD") if "DD" in place else f"lpad({part('D')}, 2, '0')"
    return f"try_cast({year} || '-' || {month} || '-' || {date} as date)::varchar"


def _grouped(pattern: str) -> str:
    parts, at = [], 0
    for found in _WORDS.finditer(pattern):
        parts.append(re.escape(pattern[at : found.start()]))
        parts.append(_REGEX[found[0]])
        at = found.end()
    return "".join(parts) + re.escape(pattern[at:])


def check_pattern(pattern: str) -> None:
    """WordError unless the pattern has a year, a month and a day, each once, or is DAYS."""
    words = [word for word in _WORDS.findall(pattern) if word != "*"]
    years = sum(word in ("YYYY", "YY") for word in words)
    months = sum(word in ("MMM", "MM", "M") for word in words)
    days = sum(word in ("DD", "D") for word in words)
    if words != ["DAYS"] and not (years == months == days == 1 and len(words) == 3):
        raise WordError(
            f"date pattern {pattern!r}", "a year, a month and a day once each, e.g. MM-DD-YYYY, or DAYS"
        )
