"""Mistakes of meaning in merged rules: names, verbs, conditions, templates, expressions; nothing is run.

Each mistake has file, key, what was found, what was expected and the nearest known name. Meaning is asked
part by part, so that one wrong column does not hide the next.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from transformer.database.expression import ExpressionError
from transformer.errors import Mistake
from transformer.ruleset.check.extract import check_extracts, wrong
from transformer.ruleset.check.project import project_mistakes
from transformer.ruleset.check.safety import unsafe, unsafe_names
from transformer.ruleset.check.status import check_statuses, status_map_mistakes
from transformer.ruleset.check.values import changing_patrons, circles
from transformer.ruleset.compile.bib import kind_sql
from transformer.ruleset.compile.columns import Columns
from transformer.ruleset.compile.context import Context, check_pattern
from transformer.ruleset.compile.edit import mistakes, spec
from transformer.ruleset.compile.edit_names import Names, Thing
from transformer.ruleset.compile.edits import bib_thing
from transformer.ruleset.compile.enumeration import check_piece, fragments
from transformer.ruleset.compile.holdings_marc import holdings_thing
from transformer.ruleset.compile.holdings_rows import holdings_row_columns
from transformer.ruleset.compile.item import item_columns
from transformer.ruleset.compile.item_field import item_field, item_resolver
from transformer.ruleset.compile.lists import list_of
from transformer.ruleset.compile.patron import patron_columns, row_sql
from transformer.ruleset.compile.staging import staged_columns, staging_of
from transformer.ruleset.files.edit_rules import Mapped, MarcEdit, RecordList
from transformer.ruleset.files.project import Project
from transformer.ruleset.files.rules import CHILDREN, Child, HoldingsRules, RuleSet
from transformer.ruleset.files.words import WordError, condition, parse_field

if TYPE_CHECKING:
    pass

AS_OF = datetime.date(2026, 1, 1)
"""Any day will do for a trial."""


class _Told:
    """Collects WordErrors as mistakes with file and key."""

    def __init__(self, ruleset: RuleSet) -> None:
        self.ruleset = ruleset
        self.mistakes: list[Mistake] = []

    def ask(self, path: tuple[str, ...], question: Callable[[], object], key: str = "") -> None:
        """Run `question`; what it cannot understand is a mistake at `path`."""
        file = self.ruleset.origin(*path)
        try:
            question()
        except WordError as error:
            self.mistakes.append(
                Mistake(file, key or ".".join(path), error.found, error.expected, error.remedy)
            )
        except ExpressionError as error:
            self.mistakes.append(
                Mistake(file, key or ".".join(path), str(error), "one scalar SQL expression")
            )


def meaning(ruleset: RuleSet, project: Project) -> list[Mistake]:
    """Mistakes of meaning: names, verbs, conditions, templates, expressions; nothing is run."""
    told = _Told(ruleset)
    if names := unsafe_names(ruleset):
        return names
    told.mistakes += [*unsafe(ruleset), *circles(ruleset), *changing_patrons(ruleset)]
    check_extracts(told)
    ruleset = told.ruleset = _with_dates(ruleset)
    try:
        # What the project names wrongly is told below.
        columns = staged_columns(staging_of(ruleset, Project(project.system, project.site, project.target)))
    except WordError:
        columns = {"bib_record": frozenset(("source_file", "record_no"))}
    context = Context(ruleset, project, AS_OF, columns)
    _bibs(told, context)
    _things(told, context)
    return told.mistakes + status_map_mistakes(ruleset) + project_mistakes(ruleset, project)


def _with_dates(ruleset: RuleSet) -> RuleSet:
    """The rules without date patterns that are none (they are told), so that the rest can be asked about."""
    dates = {}
    for name, way in ruleset.rules.dates.items():
        try:
            for pattern in way.patterns:
                check_pattern(pattern)
            dates[name] = way
        except WordError:
            dates[name] = dataclasses.replace(way, patterns=("YYYY-MM-DD",))
    return dataclasses.replace(ruleset, rules=dataclasses.replace(ruleset.rules, dates=dates))


def _raise(mistake: WordError) -> None:
    raise mistake


def _bibs(told: _Told, context: Context) -> None:
    rules = told.ruleset.rules
    bib = rules.extract.get("bib")
    if bib is None:
        told.ask(("extract",), wrong("no extract of bibs", (), "[extract.bib] with container = 'marc'"))
        return
    test = kind_sql(context)
    for number, profile in enumerate(bib.profile):
        for sign in profile.signs:
            where = ("extract", "bib", "profile", str(number), "signs", sign)
            told.ask(where, partial(condition, sign, str, test))
    _edits(told, context, "bib", rules.bib.edit, lambda edits: bib_thing(context, bib, rules.item, edits))
    _lists(told, context, "bib", rules.bib.list, lambda: bib_thing(context, bib, rules.item, ()))
    holdings = rules.holdings
    if holdings is not None:
        _edits(
            told, context, "holdings", holdings.edit, lambda edits: holdings_thing(context, holdings, edits)
        )
        _lists(told, context, "holdings", holdings.list, lambda: holdings_thing(context, holdings, ()))
        _holdings(told, holdings)


def _edits(
    told: _Told,
    context: Context,
    kind: str,
    rules: tuple[MarcEdit, ...],
    thing_of: Callable[[tuple[MarcEdit, ...]], Thing],
) -> None:
    good: list[tuple[int, MarcEdit]] = []
    for number, edit in enumerate(rules):
        path, key = (kind, "edit", str(number)), f"{kind}.edit {edit.id}"
        wrongs = list(mistakes(edit))
        for mistake in wrongs:
            told.ask(path, partial(_raise, mistake), key)
        good += [] if wrongs else [(number, edit)]
    thing = thing_of(tuple(edit for _, edit in good))
    for one in thing.plan.edits:
        names = Names(context, thing, one)
        path, key = (kind, "edit", str(good[one.number][0])), f"{kind}.edit {one.rule.id}"
        told.ask(path, names.conditions, key)
        if one.rule.map is not None:
            told.ask(path, partial(_of_map, told.ruleset, one.rule.map), key)
        for name in one.names:
            told.ask(path, partial(names.value, name), key)


def _lists(
    told: _Told, context: Context, kind: str, lists: tuple[RecordList, ...], thing_of: Callable[[], Thing]
) -> None:
    for number, one in enumerate(lists):
        path, key = (kind, "list", str(number)), f"{kind}.list {one.id}"
        if not one.id.replace("-", "").replace("_", "").isalnum():
            told.ask(path, wrong(f"id {one.id!r}", (), "letters, digits, - and _: it is a file's name"), key)
        told.ask(path, lambda one=one: list_of(context, thing_of(), one), key)  # type: ignore[misc]


def _of_map(ruleset: RuleSet, said: Mapped) -> None:
    shapes = ruleset.rules.map
    if said.map not in shapes:
        wrong(f"map {said.map!r}", shapes)()
        return
    shape = shapes[said.map]
    if len(shape.keys) != len(spec(said.field).codes) or shape.match:
        found = f"map {said.map!r} for {said.field!r}"
        wrong(found, (), f"a subfield code for each key of the map: {', '.join(shape.keys)}")()
    for column in said.into.values():
        if column not in shape.columns:
            wrong(f"column {column!r}", shape.columns)()


def _holdings(told: _Told, rules: HoldingsRules) -> None:
    columns = told.ruleset.rules.item
    made = {**columns, **told.ruleset.rules.holdings_row}
    for name, text in rules.match.columns.items():
        path = ("holdings", "match", "columns", name)
        if name not in columns:
            told.ask(path, wrong(f"column {name!r}", columns))
        told.ask(path, partial(spec, text))
    for number, summary in enumerate(rules.summary):
        where, key = ("holdings", "summary", str(number)), f"holdings.summary {summary.id}"
        if summary.each not in made:
            told.ask(where, wrong(f"column {summary.each!r}", made), key)
        told.ask(where, partial(parse_field, summary.field), key)


def _things(told: _Told, context: Context) -> None:
    things: list[Columns] = [item_columns(context)]
    patron = bool(told.ruleset.making("patron"))
    if patron:
        things.append(patron_columns(context))
    rows = any(extract.is_rows for _, extract in told.ruleset.making("holdings"))
    for columns in (*things, *([holdings_row_columns(context)] if rows else [])):
        for name in columns.rules:
            told.ask((columns.thing, name), partial(columns.check, name))
        if not told.mistakes:
            told.ask((columns.thing,), columns.layers)
    check_statuses(told, things[0])
    _profile(told)
    captions = fragments(told.ruleset)
    for number, piece in enumerate(told.ruleset.rules.enumeration.piece):
        path = ("enumeration", "piece", str(number))
        told.ask(path, partial(check_piece, piece, captions), f"enumeration.piece {piece.id}")
    for name in CHILDREN:
        child: Child = getattr(told.ruleset.rules, name)
        table = told.ruleset.rules.child.get(name)
        for number, row in enumerate(child.row):
            known = row.each in told.ruleset.vocabulary and row.each not in things[-1].source
            if table is not None and patron and not known:
                path = (name, "row", str(number))
                ask = partial(row_sql, number, row, table.columns, things[-1])
                told.ask(path, ask, f"{name} {row.id}")


def _profile(told: _Told) -> None:
    """The field of an item for an import profile, and the columns that it names."""
    if told.ruleset.rules.import_profile.field:
        resolve = item_resolver(told.ruleset, ())
        told.ask(
            ("import_profile", "field"), lambda: [resolve(name) for name in item_field(told.ruleset).names]
        )
