"""Items and patrons explained: every rule of every column, the rows of their children, and their fate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from transformer.pipeline.explain_find import Match
from transformer.pipeline.explain_replay import Replay
from transformer.pipeline.explain_run import AskedRun
from transformer.pipeline.explain_stage import Gathered
from transformer.pipeline.explain_written import item_row, rows_of
from transformer.reports.explained import Pair, Step, Thing, WentTo
from transformer.ruleset.compile.trace import Cell, child_rules
from transformer.ruleset.compile.unique import CHANGING
from transformer.ruleset.files.rules import ColumnRule
from transformer.ruleset.where import Place, column_places, edit_place

Traced = list[tuple[Cell, str | None]]


def row_thing(run: AskedRun, replay: Replay, match: Match, gathered: Gathered) -> Thing:
    """The item or patron of `match`."""
    traced = replay.trace(match.kind, match.key)
    steps = tuple(_steps(run, match.kind, traced))
    written = tuple(_written(run, match)) if traced else ()
    fate = _fate(replay, match, written) if traced else _aside(replay, match)
    if traced and written and not run.changed:
        run.notes += _differences(replay, match, traced, written[0])
    values = {cell.column: value for cell, value in traced if cell.part == "column"}
    there = dict(written[0].values) if written and match.kind == "item" else {}
    holdings = there.get(_headers(replay, match.kind).get("holdings_number", ""))
    related = [("bib", values.get("bib_number")), ("holdings", holdings)]
    return Thing(
        kind=match.kind,
        number=match.number,
        key=match.key,
        why=match.why,
        fate=fate,
        came_as=tuple(gathered.came_as),
        steps=steps,
        rows=tuple(_statuses(run, match) if match.kind == "item" else _children(run, replay, match))
        if traced
        else (),
        went_to=written,
        related=tuple((kind, number) for kind, number in related if number),
    )


def _steps(run: AskedRun, thing: str, traced: Traced) -> Iterator[Step]:
    """The rules of each column in order; the first that gives a value is taken."""
    for column, cells in groupby(traced, key=lambda pair: pair[0].column):
        listed = list(cells)
        rules = getattr(run.ruleset.rules, thing)[column]
        places = column_places(run.files, run.ruleset, thing, column)
        taken = False
        for number, rule in enumerate(rules):
            step = _step(column, rule, places[number], [p for p in listed if p[0].rule == number], taken)
            taken = taken or step.taken
            yield step
        yield from _doubles(run, thing, column, listed, places)


def _step(column: str, rule: ColumnRule, place: Place, cells: Traced, taken: bool) -> Step:
    of = {cell.part: value for cell, value in cells if cell.part != "input"}
    inputs = tuple((cell.name, _plain(value)) for cell, value in cells if cell.part == "input")
    after = of.get("result")
    row = f"{of['map_file']}:{of['map_line']}" if of.get("map_file") else ""
    return Step(
        column=column,
        rule=str(place),
        inputs=inputs,
        after=_plain(after),
        taken=not taken and after is not None,
        does=says(rule),
        condition=rule.when,
        met=of.get("condition", "true") == "true",
        map=rule.map,
        looked_up=(of.get("value") or "") if rule.map else "",
        map_row=row,
        mapped=of.get("mapped", "true") == "true",
    )


def _doubles(
    run: AskedRun, thing: str, column: str, cells: Traced, places: Sequence[Place]
) -> Iterator[Step]:
    """What became of a value that several items had: after its rules, since all items decide it."""
    rules = getattr(run.ruleset.rules, thing)[column]
    chosen = next((n for n, rule in enumerate(rules) if rule.unique in CHANGING), None)
    if thing != "item" or chosen is None:
        return
    before = next((v for cell, v in cells if cell.part == "result" and v is not None), None)
    after = next(value for cell, value in cells if cell.part == "column")
    if before != after:
        does = f'unique "{rules[chosen].unique}": other items have the value'
        yield Step(column, str(places[chosen]), ((column, before),), after, True, does)


def _plain(value: str | None) -> str | None:
    """Repeated values with ` ; ` between."""
    return value if value is None else " ; ".join(value.split("\x1f"))


def says(rule: ColumnRule) -> str:
    """What a rule does, in the words of the rule file.

    >>> says(ColumnRule(source=("barcode",), clean=("trim",)))
    'from barcode, clean trim'
    """
    parts = []
    if rule.value is not None:
        parts.append(f'value "{rule.value}"')
    elif rule.text:
        parts.append(f'text "{rule.text}"')
    elif rule.sql:
        parts.append(f"sql {rule.sql}")
    elif rule.source:
        parts.append(f"from {', '.join(rule.source)}")
    parts += [f"{name} {' '.join(value)}" for name, value in (("clean", rule.clean),) if value]
    named = (("match", rule.match), ("date", rule.date), ("map", rule.map), ("take", rule.take))
    parts += [f"{name} {value}" for name, value in named if value]
    parts += [f'join "{rule.join}"'] if rule.join is not None else []
    parts += [f'repeats "{rule.repeats}"'] if rule.repeats else []
    parts += [f'default "{rule.default}"'] if rule.default else []
    return ", ".join(parts)


def _written(run: AskedRun, match: Match) -> Iterator[WentTo]:
    if match.kind == "item":
        row = item_row(run, match.number)
        if row is not None:
            yield row
    else:
        yield from rows_of(run, f"{match.kind}/", match.number)


def _fate(replay: Replay, match: Match, written: tuple[WentTo, ...]) -> str:
    if not written:
        return "Delivered by the rules, but not found in the files of the delivery."
    places = len(match.places)
    merged = f"; its {places} places in the extracts became one" if places > 1 else ""
    return f"Delivered as {match.kind} {match.number}{merged}."


def _aside(replay: Replay, match: Match) -> str:
    """Why the thing is not delivered."""
    for table in (f"{match.kind}_aside", f"{match.kind}_row_aside", f"{match.kind}_field_aside"):
        if not replay.has(table):
            continue
        replay.make([table])
        for row in replay.rows(f"select * from {table}"):
            if row["key"] == match.key:
                reason = row.get("what") or row.get("code")
                return f"Set aside: {reason}, by the rule {row['rule']}."
    return "Not delivered, and no rule says why; report this."


def _headers(replay: Replay, kind: str) -> dict[str, str]:
    """Column -> header in the delivered file."""
    plan = next((table for table in replay.program.tables if table.output == f"{kind}_out"), None)
    return dict(zip(plan.columns, plan.headers, strict=True)) if plan is not None else {}


def _differences(replay: Replay, match: Match, traced: Traced, written: WentTo) -> list[str]:
    """Columns in which the replay and the delivered file do not agree: there should be none."""
    there = dict(written.values)
    headers = _headers(replay, match.kind)
    found = []
    for cell, value in traced:
        header = headers.get(cell.column)
        if cell.part == "column" and header is not None:
            shown = " ".join((value or "").split())
            if shown != " ".join((there.get(header) or "").split()):
                found.append(
                    f"In {written.file} the column {header} is not what the rules give now; trust the file."
                )
    return found


def _statuses(run: AskedRun, match: Match) -> Iterator[tuple[str, str, tuple[Pair, ...]]]:
    """What became of each of the item's statuses, and by which row of the map."""
    if not run.has("item_decision"):
        return
    for row in run.rows("item_decision", number=match.number):
        if row.get("source_status") is None:
            continue
        place = f"{row['map_file']}:{row['map_line']}" if row["map_file"] else "no row of the map"
        shown = (
            "kind",
            "source_status",
            "status_label",
            "status_note",
            "status_condition",
            "loan",
            "request",
        )
        values = tuple((name, row[name]) for name in shown if row.get(name))
        yield "status", f"{place}, by {row['matched_by'] or 'nothing'}", values


def _children(run: AskedRun, replay: Replay, match: Match) -> Iterator[tuple[str, str, tuple[Pair, ...]]]:
    columns = replay.columns_of("patron")
    assert columns is not None
    replay.make(["patron_source"])
    for name, number, row, sql in child_rules(columns):
        place = edit_place(run.files, run.ruleset, (name, "row"), number, row.id)
        for made in replay.rows(sql):
            values = tuple((column, value) for column, value in made.items() if value)
            yield name, f"{row.id} ({place}), from {row.each}", values
