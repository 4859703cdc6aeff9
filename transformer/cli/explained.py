"""What `explain` says to a person, as blocks for `draw`: what became of a thing, how it came, each rule with
before and after, what was found, where it went.

Columns that nothing was put into and nothing came out of are counted, not shown; `--json` has them all.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Final

from transformer.cli.draw import Block, Line
from transformer.reports.explained import CameAs, Change, Explanation, Found, Pair, Step, Thing, WentTo
from transformer.reports.words import counted

VALUE_MOST: Final = 300
RAW_SHOWN: Final = 400
FIELDS_MOST: Final = 200


def of_explain(told: Explanation) -> list[Block]:
    """Blocks for `explain`."""
    blocks: list[Block] = [Line(f"Run {told.run}", "faint")]
    blocks += [Line(note, "bad") for note in told.notes]
    if not told.things:
        blocks.append(Line(f"Nothing in this run has the number {told.asked}.", "bad"))
        if told.near:
            blocks += [Line("Near it:"), *(Line(near, indent=2) for near in told.near)]
        else:
            blocks.append(Line("Nothing like it either. It may not have been in the extracts."))
        return blocks
    if len(told.things) > 1:
        names = ", ".join(f"{thing.kind} {thing.number}" for thing in told.things)
        blocks.append(
            Line(f"The number means {len(told.things)} things: {names}. Choose with --kind.", "strong")
        )
    for thing in told.things:
        blocks += _thing(thing)
    return blocks


def _thing(thing: Thing) -> list[Block]:
    blocks: list[Block] = [
        Line(""),
        Line(f"{thing.kind} {thing.number}  ({thing.why})", "strong"),
        Line(thing.fate, "bad" if thing.fate.startswith("Set aside") else "good"),
    ]
    if thing.came_as:
        blocks += [Line(""), Line("As it came", "strong")]
        for came in thing.came_as:
            blocks += _came(came)
    if thing.changes or (thing.kind == "bib" and thing.went_to):
        blocks += [Line(""), Line("What the rules changed, in order", "strong")]
        blocks += [line for change in thing.changes for line in _change(change)]
        blocks += [Line("Nothing.", indent=2)] if not thing.changes else []
    if thing.steps:
        blocks += [Line(""), Line("What the rules made, column by column", "strong"), *_steps(thing.steps)]
    if thing.rows:
        blocks += [Line(""), Line("Rows of its own tables", "strong")]
        for table, rule, values in thing.rows:
            blocks += [Line(f"{table}: {_listed(values)}", indent=2), Line(f"by {rule}", "faint", 6)]
    blocks += [Line(""), Line("What was found", "strong"), *_found(thing.found)]
    blocks += [Line(""), Line("Where it was written", "strong"), *_went(thing.went_to)]
    if thing.related:
        shown = ", ".join(f"{kind} {number}" for kind, number in thing.related)
        blocks += [Line(""), Line(f"Belongs to it: {shown}")]
    return blocks


def _came(came: CameAs) -> list[Block]:
    where = f"{came.source_file}, " + (f"line {came.line:,}, " if came.line is not None else "")
    where += f"byte {came.byte_start:,}, {counted(came.byte_count, 'byte')}"
    if came.record_no is not None:
        where += f", record {came.record_no + 1:,}"
    if came.field_no is not None:
        where += f", its field {came.field_no + 1}"
    blocks: list[Block] = [Line(f"{came.what}: {where}", indent=2)]
    if came.changed:
        blocks.append(Line("The file has changed since the run.", "bad", 4))
    if came.raw and came.field_no is None:
        more = "" if len(came.raw) <= RAW_SHOWN else " ..."
        blocks.append(Line(f"raw  {came.raw[:RAW_SHOWN]}{more}", "faint", 4))
    blocks += [Line(f"{name}  {_value(value)}", indent=4) for name, value in came.parsed[:FIELDS_MOST]]
    return blocks


def _change(change: Change) -> list[Block]:
    head = f"{change.rule}  {change.says}"
    blocks: list[Block] = [Line(head, indent=2), Line(change.place, "faint", 6)]
    blocks += [Line(f"- {_value(text)}", indent=4) for text in change.before]
    blocks += [Line(f"+ {_value(text)}", indent=4) for text in change.after]
    return blocks


def _steps(steps: Sequence[Step]) -> list[Block]:
    blocks: list[Block] = []
    empty = 0
    for column, group in groupby(steps, key=lambda step: step.column):
        rules = list(group)
        if not any(step.after is not None or (step.met and _inputs(step)) for step in rules):
            empty += 1
            continue
        value = next((step.after for step in reversed(rules) if step.taken), None)
        blocks.append(Line(f"{column} = {_quoted(value)}", indent=2))
        blocks += [line for step in rules if _worth(step) for line in _step(step)]
    if empty:
        blocks.append(Line(f"{counted(empty, 'more column')}: nothing to fill them with.", indent=2))
    return blocks


def _inputs(step: Step) -> bool:
    return any(value for _, value in step.inputs)


def _worth(step: Step) -> bool:
    return step.taken or step.after is not None or _inputs(step)


def _step(step: Step) -> list[Block]:
    said = [f"{name} {_quoted(value)}" for name, value in step.inputs]
    words = f"{', '.join(said)} " if said else ""
    if step.condition and not step.met:
        result = f"not used: when {step.condition}"
    elif step.map and not step.mapped:
        result = f"no row of map {step.map} for {_quoted(step.looked_up)}"
    elif step.map:
        result = f"map {step.map}, row {step.map_row}: {_quoted(step.after)}"
    else:
        result = _quoted(step.after)
    if step.after is not None and not step.taken:
        result += " (an earlier rule gave the value)"
    return [Line(f"{words}-> {result}", indent=6), Line(f"{step.rule}  {step.does}", "faint", 8)]


def _found(found: Sequence[Found]) -> list[Block]:
    if not found:
        return [Line("Nothing.", indent=2)]
    blocks: list[Block] = []
    for issue in found:
        about = " ".join(part for part in (issue.column, issue.value) if part)
        head = f"{issue.severity}: {issue.sentence} [{issue.code}]" + (f" {about}" if about else "")
        blocks.append(Line(head, "bad" if issue.severity == "error" else "", 2))
        if issue.message:
            blocks.append(Line(f"{'one of: ' if issue.counted else ''}{issue.message}", "faint", 6))
    return blocks


def _went(went: Sequence[WentTo]) -> list[Block]:
    if not went:
        return [Line("Nowhere.", indent=2)]
    blocks: list[Block] = []
    for place in went:
        blocks.append(Line(f"out/{place.file}, {place.place}", indent=2))
        blocks += [Line(f"{name}  {_value(value)}", indent=4) for name, value in place.values]
    return blocks


def _listed(values: Sequence[Pair]) -> str:
    return ", ".join(f"{name} {_quoted(value)}" for name, value in values)


def _quoted(value: str | None) -> str:
    """A value between quotes, so that `-` and blanks are seen; a masked one stands as it is."""
    if value is None or (value.startswith("(") and value.endswith(" characters)")):
        return _value(value)
    return f'"{_value(value)}"'


def _value(value: str | None) -> str:
    if value is None:
        return "(nothing)"
    return value if len(value) <= VALUE_MOST else f"{value[:VALUE_MOST]} ..."
