"""Mistakes in what rules say about statuses: [item_status], the rows of its map, procedures after go-live."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Protocol

from transformer.errors import Mistake
from transformer.ruleset.compile.columns import Columns
from transformer.ruleset.compile.status import code_sql, only_kind, place_key, test_sql
from transformer.ruleset.files.rules import MapRow, RuleSet
from transformer.ruleset.files.status_rules import NO_LOAN, NO_NOTE, STATUS_MAP
from transformer.ruleset.files.validate import nearest
from transformer.ruleset.files.words import parse_template

MATCHES = ("", "code", "code+label", "label")
_OF_PAGE = ("status", "condition")


class Told(Protocol):
    """Collects mistakes: asks a question, and what it cannot understand is a mistake at the path."""

    def ask(self, path: tuple[str, ...], question: Callable[[], object], key: str = "") -> None:
        """Run `question`."""


def check_statuses(told: Told, columns: Columns) -> None:
    """Names, conditions and maps of [item_status]."""
    context = columns.context
    rules = context.ruleset.rules.item_status
    for name in rules.columns:
        told.ask(("item_status", "columns"), partial(columns.resolve, name))
    for key, tests in (("open_loan", rules.open_loan), ("hold_shelf", rules.hold_shelf)):
        for test in tests:
            told.ask(("item_status", key), partial(test_sql, columns, test))
    for number, add in enumerate(rules.add):
        path = ("item_status", "add", str(number))
        told.ask(path, partial(test_sql, columns, add.when), f"item_status.add {add.id}")
        told.ask(path, partial(code_sql, columns, "''", add.code), f"item_status.add {add.id}")
    for place in rules.places.values():
        told.ask(("item_status", "places"), partial(place_key, context, place))


def status_map_mistakes(ruleset: RuleSet) -> list[Mistake]:
    """Words in the map of statuses that mean nothing, and pages that name what no page has."""
    lists = ruleset.rules.worklist
    found = []
    if only_kind(ruleset) is None:
        for row in (*ruleset.maps.get(STATUS_MAP, ()), *ruleset.maps.get(f"{STATUS_MAP}_label", ())):
            if row.values.get("code") and not row.values.get("kind"):
                said = f"the code {row.values['code']!r} without its kind"
                found.append(Mistake(row.file, f"line {row.line}", said, "kind: the column that holds it"))
    for row in ruleset.maps.get(STATUS_MAP, ()):
        found += list(_row(row, lists))
    for name, one in lists.items():
        for text in (*one.steps, one.put_right, *(v for job in one.jobs for v in job.values())):
            for wanted in parse_template(text).names:
                if wanted not in _OF_PAGE:
                    file = ruleset.origin("worklist", name)
                    known = " or ".join(f"{{{word}}}" for word in _OF_PAGE)
                    found.append(Mistake(file, f"worklist.{name}", f"{{{wanted}}}", known))
    if sum(one.rest for one in lists.values()) > 1:
        names = ", ".join(name for name, one in lists.items() if one.rest)
        found.append(
            Mistake(ruleset.origin("worklist"), "worklist", f"rest = true in {names}", "in one only")
        )
    return found


def _row(row: MapRow, lists: Mapping[str, object]) -> Iterator[Mistake]:
    place = f"line {row.line}"
    base = row.values.get("base_status", "")
    if base not in ("", "0", "1"):
        yield Mistake(
            row.file, f"{place}, base_status", repr(base), "1 (in place), 0 (not in place) or nothing"
        )
    match = row.values.get("match", "")
    if match not in MATCHES:
        yield Mistake(
            row.file, f"{place}, match", repr(match), "code, code+label or label", nearest(match, MATCHES)
        )
    for name in _words(row, "after_go_live"):
        if name not in lists:
            yield Mistake(
                row.file,
                f"{place}, after_go_live",
                repr(name),
                "a [worklist.x] of the rules",
                nearest(name, lists),
            )
    for column in ("with_loan", "with_request"):
        types = [word for word in _words(row, column) if word not in (NO_NOTE, NO_LOAN)]
        if len(types) > 1 or any(word != word.upper() for word in types):
            said = row.values[column]
            yield Mistake(
                row.file, f"{place}, {column}", repr(said), f"one process type, {NO_NOTE!r}, {NO_LOAN!r}"
            )


def _words(row: MapRow, column: str) -> list[str]:
    return [word.strip() for word in row.values.get(column, "").split("|") if word.strip()]
