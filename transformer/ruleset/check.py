"""Check rule folders: shape, meaning, and a trial run of the compiled SQL on empty tables.

`check` collects every mistake it can find, each with file, key, what was found, what was expected and the
nearest known name. Meaning is asked part by part, so that one wrong column does not hide the next.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from transformer.database.expression import ExpressionError
from transformer.errors import Mistake
from transformer.ruleset.check_extract import check_extracts, wrong
from transformer.ruleset.check_safety import is_formula, unsafe, unsafe_names
from transformer.ruleset.check_status import check_statuses, status_map_mistakes
from transformer.ruleset.check_values import changing_patrons, check_values, circles
from transformer.ruleset.compile_bib import kind_sql
from transformer.ruleset.compile_columns import Columns
from transformer.ruleset.compile_edits import bib_thing
from transformer.ruleset.compile_enumeration import check_piece, fragments
from transformer.ruleset.compile_holdings_marc import holdings_thing
from transformer.ruleset.compile_holdings_rows import holdings_row_columns
from transformer.ruleset.compile_item import item_columns
from transformer.ruleset.compile_item_field import item_field, item_resolver
from transformer.ruleset.compile_lists import list_of
from transformer.ruleset.compile_patron import patron_columns, row_sql
from transformer.ruleset.context import Context, check_pattern
from transformer.ruleset.edit_names import Names, Thing
from transformer.ruleset.edit_rules import Mapped, MarcEdit, RecordList
from transformer.ruleset.edits import mistakes, spec
from transformer.ruleset.load import try_load
from transformer.ruleset.plan import stage_plan, staged_columns
from transformer.ruleset.project import Project
from transformer.ruleset.rules import CHILDREN, Child, HoldingsRules, RuleSet
from transformer.ruleset.validate import nearest
from transformer.ruleset.words import WordError, condition, parse_field

if TYPE_CHECKING:
    import pyarrow as pa

AS_OF = datetime.date(2026, 1, 1)
"""Any day will do for a trial."""


def check(folders: Sequence[Path], project: Project | None = None) -> list[Mistake]:
    """All mistakes in the rule folders (lowest first) and in what the project says about them."""
    ruleset, told = try_load(folders)
    if ruleset is None:
        return told
    project = project or Project("")
    more = [*meaning(ruleset, project), *check_values(ruleset)]
    # What was left out for its shape is missed elsewhere: that is told once.
    keys = [mistake.key for mistake in told if mistake.key.count(".")]
    known = {(mistake.file, key.rpartition(".")[0]) for mistake in told for key in keys if mistake.key == key}
    found = [*told, *(m for m in more if not any(f == m.file and _inside(m.key, k) for f, k in known))]
    return found or list(_trial(ruleset, project))


def _inside(key: str, table: str) -> bool:
    return key == table or key.startswith((f"{table}.", f"{table} "))


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
        columns = staged_columns(stage_plan(ruleset, Project(project.system, project.site, project.target)))
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


def project_mistakes(ruleset: RuleSet, project: Project) -> list[Mistake]:
    """What the project file names and the rules do not know."""
    rules = ruleset.rules
    file = "transformer.toml"
    found: list[Mistake] = []

    def say(key: str, value: str, known: Sequence[str] | Mapping[str, object]) -> None:
        found.append(Mistake(file, key, repr(value), "one that the rules know", nearest(value, known)))

    for name, choice in project.extract.items():
        if name not in rules.extract:
            say(f"extract.{name}", name, rules.extract)
        elif choice.profile and choice.profile not in [p.name for p in rules.extract[name].profile]:
            say(f"extract.{name}.profile", choice.profile, [p.name for p in rules.extract[name].profile])
    for tag in project.item.call_number:
        if tag not in [t.tag for t in rules.bib.call_number]:
            say("item.call_number", tag, [t.tag for t in rules.bib.call_number])
    tables = ["item", "patron", *rules.child]
    if project.delivery.shape != "tables" and project.target != "self-load":
        wanted = 'target = "self-load", or no shape'
        found.append(Mistake(file, "delivery.shape", repr(project.delivery.shape), wanted))
    for name in project.headers:
        if name not in tables:
            say(f"headers.{name}", name, tables)
        for column, header in project.headers[name].items():
            if is_formula(header):
                key = f"headers.{name}.{column}"
                found.append(Mistake(file, key, repr(header), "a header that no spreadsheet computes"))
    return found


def _trial(ruleset: RuleSet, project: Project) -> Iterator[Mistake]:
    """Compile everything and run it on empty tables."""
    from transformer.database.trial import trial
    from transformer.ruleset.compile import compile_rules
    from transformer.ruleset.registered import map_tables

    columns = staged_columns(stage_plan(ruleset, project))
    try:
        program = compile_rules(ruleset, project, AS_OF, columns)
    except (WordError, ExpressionError) as error:
        yield Mistake(ruleset.files[-1] if ruleset.files else "", "", str(error))
        return
    tables = {name: empty_table(names) for name, names in columns.items()}
    statements = [(s.name, s.sql, s.kind == "output") for s in program.statements]
    for name, said in trial(statements, {**tables, **map_tables(ruleset)}):
        yield Mistake(
            ruleset.files[-1] if ruleset.files else "", name, f"the compiled SQL does not run: {said}",
            remedy="Look at the columns and expressions that this table is made of: transformer rules show.",
        )  # fmt: skip


def empty_table(names: frozenset[str]) -> pa.Table:
    """A staged table of these columns without rows."""
    import pyarrow as pa

    types = {
        **dict.fromkeys(("record_no", "first_record_no", "place"), pa.int64()),
        **dict.fromkeys(("byte_start", "byte_count", "line"), pa.int64()),
        **dict.fromkeys(("field_no", "occurrence"), pa.int32()),
        **dict.fromkeys(("differs", "is_control"), pa.bool_()),
    }
    kinds = {name: types.get(name, pa.string()) for name in names}
    return pa.schema(sorted(kinds.items())).empty_table()
