"""What a rule folder may not do, whoever wrote it: names that are no names, paths, texts without end, values
that multiply. Whatever is refused here would otherwise become part of a statement, or of a file's name.

SQL itself is bounded by `database.expression` (one expression, allowed functions, no growth without end) and
by the session (no files, no network, no extensions, bounded memory); regular expressions are RE2's, which
take time in proportion to the text.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from transformer.database.expression import LENGTH_MOST, VALUE_LENGTH, ExpressionError, check_expression
from transformer.errors import Mistake
from transformer.ruleset.files.rules import THINGS, ColumnRule, Rules, RuleSet
from transformer.ruleset.files.words import WordError, parse_template

TEXT_MOST: Final = 4000
"""Characters of one text in a rule file, `why` aside."""
_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}")
_FOLDER: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,62}")
_NAMED: Final = ("extract", "map", "number", "number_shape", "dates", "child", "list")
_NAME_WORDS: Final = "letters, digits and underscores, a letter first"
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""


def unsafe_names(ruleset: RuleSet) -> list[Mistake]:
    """Names that may not become names of tables and files: nothing may be made of such rules."""
    return list(_names(ruleset))


def unsafe(ruleset: RuleSet) -> list[Mistake]:
    """Everything else of that kind in merged rules."""
    return [*_folders(ruleset, ruleset.rules), *_growing(ruleset)]


def too_long(values: Mapping[str, Any], file: str) -> list[Mistake]:
    """Texts of a file that are longer than any rule needs."""
    return [
        Mistake(file, ".".join(path), f"a text of {length:,} characters", f"at most {TEXT_MOST:,}")
        for path, length in _texts(values, ())
        if length > TEXT_MOST
    ]


def is_formula(header: str) -> bool:
    """Whether a spreadsheet would take a header for a formula.

    >>> is_formula("=1+1"), is_formula("Barcode")
    (True, False)
    """
    return header.startswith(FORMULA)


def _texts(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], int]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key != "why":
                yield (*path, "a name")[: len(path) + 1], len(key)
                yield from _texts(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _texts(inner, (*path, str(number)))
    elif isinstance(value, str):
        yield path, len(value)


def _names(ruleset: RuleSet) -> Iterator[Mistake]:
    """Names that become names of tables and files."""
    for section in _NAMED:
        for name in getattr(ruleset.rules, section):
            if not _NAME.fullmatch(name):
                file = ruleset.origin(section, name)
                yield Mistake(file, f"{section}.{name}", f"name {name!r}", _NAME_WORDS)
    for name in ruleset.rules.extract:
        for column in ruleset.rules.extract[name].named:
            if not column.isprintable() or '"' in column:
                file = ruleset.origin("extract", name)
                yield Mistake(file, f"extract.{name}", f"column {column!r}", _NAME_WORDS)


def _folders(ruleset: RuleSet, rules: Rules) -> Iterator[Mistake]:
    """Folders and headers of the delivery."""
    tables = [
        ((f"delivery.{name}.{kind}"), ("delivery", name, kind), table)
        for name, target in rules.delivery.items()
        for kind, table in (("item", target.item), ("patron", target.patron))
    ]
    found: list[tuple[str, tuple[str, ...], Any]] = [
        *tables, *((f"child.{name}", ("child", name), table) for name, table in rules.child.items())
    ]  # fmt: skip
    for key, path, table in found:
        file = ruleset.origin(*path)
        if not _FOLDER.fullmatch(table.folder):
            yield Mistake(
                file, f"{key}.folder", repr(table.folder), "one folder below out/: letters, digits, _ and -"
            )
        for column, header in table.headers.items():
            if is_formula(header):
                yield Mistake(
                    file, f"{key}.headers.{column}", repr(header), "a header that no spreadsheet computes"
                )


def _growing(ruleset: RuleSet) -> Iterator[Mistake]:
    """Columns whose values multiply from one to the next."""
    for thing in THINGS:
        columns: Mapping[str, tuple[ColumnRule, ...]] = getattr(ruleset.rules, thing)
        lengths = _Lengths(thing, columns)
        for name in columns:
            own = lengths.of(name)
            made_of = max((lengths.of(one) for one in lengths.needs(name)), default=0.0)
            if own > LENGTH_MOST and made_of <= LENGTH_MOST:
                yield Mistake(
                    ruleset.origin(thing, name),
                    f"{thing}.{name}",
                    f"its value may come to more than {LENGTH_MOST:,} characters",
                    "columns that do not multiply one another's values",
                )


class _Lengths:
    """How many characters the columns of a thing may come to."""

    def __init__(self, thing: str, columns: Mapping[str, tuple[ColumnRule, ...]]) -> None:
        self._prefix, self._columns = thing + ".", columns
        self._known: dict[str, float] = {}

    def of(self, column: str) -> float:
        """The longest value of a column; a circle counts once."""
        if column not in self._known:
            self._known[column] = VALUE_LENGTH
            # What cannot be understood is told as a mistake of that rule.
            with contextlib.suppress(ExpressionError, WordError, RecursionError):
                self._known[column] = max((self._case(rule) for rule in self._columns[column]), default=0.0)
        return self._known[column]

    def needs(self, column: str) -> Iterator[str]:
        """Columns of the thing that a column is made of."""
        for rule in self._columns[column]:
            for text in (*rule.source, *_names_of(rule.text), *_names_of(rule.sql)):
                name = text.removeprefix(self._prefix)
                if name != text and name in self._columns and name != column:
                    yield name

    def _name(self, name: str) -> float:
        own = name.removeprefix(self._prefix)
        return self.of(own) if own != name and own in self._columns else VALUE_LENGTH

    def _case(self, rule: ColumnRule) -> float:
        if rule.map:
            return VALUE_LENGTH
        if rule.sql:
            names = _names_of(rule.sql)
            return check_expression(rule.sql, {name: self._name(name) for name in names})
        if rule.text:
            return len(rule.text) + sum(self._name(name) for name in _names_of(rule.text))
        if rule.value is not None:
            return float(len(rule.value))
        values = [self._name(name) * max(1, len(rule.repeats)) for name in rule.source]
        if rule.join is not None:
            return sum(values) + len(rule.join) * len(values)
        return max(values, default=0.0)


def _names_of(text: str) -> Iterable[str]:
    try:
        return parse_template(text).names if text else ()
    except WordError:
        return ()
