"""Expressions and regular expressions tried one by one, so that each mistake stands beside its key.

An SQL expression is bound with texts for all its names; a regular expression is tried on an empty text.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import NamedTuple

from transformer.database.expression import ExpressionError, check_expression
from transformer.database.session import literal, open_session
from transformer.errors import Mistake
from transformer.ruleset.compile.columns import rule_names, template_sql_names
from transformer.ruleset.compile.enumeration import check_piece, fragments
from transformer.ruleset.files.rules import CHILDREN, THINGS, Child, ColumnRule, RuleSet
from transformer.ruleset.files.words import WordError


class _Tried(NamedTuple):
    """What is tried, and where it stands. sql: one SELECT. is_pattern: of a regular expression."""

    path: tuple[str, ...]
    key: str
    text: str
    sql: str
    is_pattern: bool


def check_values(ruleset: RuleSet) -> list[Mistake]:
    """Expressions that do not bind, and patterns that are none."""
    import duckdb

    tried = list(_all(ruleset))
    if not tried:
        return []
    mistakes = []
    con = open_session()
    try:
        for one in tried:
            try:
                con.execute(one.sql)
            except duckdb.Error as error:
                said = str(error).splitlines()[0].partition(": ")[2] or str(error)
                what = "regular expression" if one.is_pattern else "expression"
                expected = "a regular expression of RE2" if one.is_pattern else "an expression over texts"
                found = f"the {what} {one.text!r}: {said}"
                mistakes.append(Mistake(ruleset.origin(*one.path), one.key, found, expected))
    finally:
        con.close()
    return mistakes


def changing_patrons(ruleset: RuleSet) -> list[Mistake]:
    """Columns of patrons whose rules change what is double or missing: that is for items only."""
    return [
        Mistake(ruleset.origin("patron", name), f"patron.{name}", repr(said), '"report"')
        for name, cases in ruleset.rules.patron.items()
        for rule in cases
        for said in (rule.unique, rule.blank)
        if said not in ("", "report", "ignore_case")
    ]


def circles(ruleset: RuleSet) -> list[Mistake]:
    """Columns of a thing that need one another, told once a circle."""
    found = []
    for thing in THINGS:
        columns: dict[str, tuple[ColumnRule, ...]] = getattr(ruleset.rules, thing)
        needs = {name: _own(thing, columns, name) for name in columns}
        left = dict(needs)
        while ready := [name for name, wants in left.items() if not wants & left.keys()]:
            for name in ready:
                del left[name]
        # What hangs on a circle without being part of it is left as well: only those that come back count.
        inside = sorted(name for name in left if _comes_back(name, left))
        if inside:
            names = ", ".join(inside)
            file = ruleset.origin(thing, inside[0])
            found.append(Mistake(file, thing, f"columns {names} need one another", "no circle"))
    return found


def _own(thing: str, columns: dict[str, tuple[ColumnRule, ...]], name: str) -> set[str]:
    """Columns of the thing that a column is made of."""
    try:
        named = {told for rule in columns[name] for told in rule_names(rule)}
    except WordError:
        return set()
    return {n.removeprefix(f"{thing}.") for n in named if n.startswith(f"{thing}.")} & columns.keys()


def _comes_back(name: str, needs: dict[str, set[str]]) -> bool:
    seen: set[str] = set()
    ahead = set(needs[name]) & needs.keys()
    while ahead:
        seen |= ahead
        ahead = {n for one in ahead for n in needs[one] if n in needs} - seen
    return name in seen


def _all(ruleset: RuleSet) -> Iterator[_Tried]:
    rules = ruleset.rules
    for thing in THINGS:
        columns: dict[str, tuple[ColumnRule, ...]] = getattr(rules, thing)
        for name, cases in columns.items():
            for rule in cases:
                path, key = (thing, name), f"{thing}.{name}"
                if rule.sql and _allowed(rule.sql):
                    sql = template_sql_names(rule.sql, lambda _: "v")
                    yield _Tried(path, f"{key}.sql", rule.sql, f"select ({sql})::varchar {_TEXTS}", False)
                if rule.match:
                    sql = f"select regexp_extract(v, {literal(rule.match)}, {rule.group}) {_TEXTS}"
                    yield _Tried(path, f"{key}.match", rule.match, sql, True)
                yield from _patterns(path, f"{key}.when", rule.when)
    for name in CHILDREN:
        child: Child = getattr(rules, name)
        for number, row in enumerate(child.row):
            last = [row.last_line.match] if row.last_line else []
            for pattern in [row.split, *last]:
                if pattern:
                    yield _pattern((name, "row", str(number)), f"{name} {row.id}", pattern)
    if rules.enumeration.never:
        yield _pattern(("enumeration", "never"), "enumeration.never", rules.enumeration.never)
    for number, piece in enumerate(rules.enumeration.piece):
        with contextlib.suppress(WordError):
            regex = check_piece(piece, fragments(ruleset))
            yield _pattern(("enumeration", "piece", str(number)), f"enumeration.piece {piece.id}", regex)
    for name, shape in rules.number_shape.items():
        if shape.pattern:
            yield _pattern(("number_shape", name), f"number_shape.{name}.pattern", shape.pattern)
    for name, extract in rules.extract.items():
        for text in (extract.only_if, *extract.marks.values()):
            yield from _patterns(("extract", name), f"extract.{name}", text)


_TEXTS = "from (select ''::varchar as v) where v = ''"


def _allowed(text: str) -> bool:
    """Whether the expression is one at all; what is not is told elsewhere."""
    try:
        check_expression(text)
    except ExpressionError:
        return False
    return True


def _pattern(path: tuple[str, ...], key: str, pattern: str) -> _Tried:
    return _Tried(path, key, pattern, f"select regexp_matches(v, {literal(pattern)}) {_TEXTS}", True)


def _patterns(path: tuple[str, ...], key: str, condition: str) -> Iterator[_Tried]:
    """The regular expressions of a condition."""
    for clause in condition.split(" and "):
        _, sign, right = clause.partition("~")
        text = right.strip()
        if sign and len(text) > 1 and text[0] == text[-1] == "/":
            yield _pattern(path, key, text[1:-1])
