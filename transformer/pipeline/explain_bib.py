"""Bibs and holdings records explained: what each edit did to their fields, and where they went."""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Iterator

from transformer.extracts.model import Partition
from transformer.pipeline.explain_find import Match
from transformer.pipeline.explain_replay import Replay
from transformer.pipeline.explain_run import AskedRun
from transformer.pipeline.explain_stage import Gathered
from transformer.pipeline.explain_written import record_in_xml
from transformer.reports.explained import Change, Pair, Thing, WentTo
from transformer.ruleset.files.rules import MarcEdit
from transformer.ruleset.where import Place, edit_place

ITEMS_MOST = 100
"""Items of a bib that are named."""


def bib_thing(run: AskedRun, replay: Replay, match: Match, gathered: Gathered) -> Thing:
    """The bib, or holdings record, of `match`."""
    changes: list[Change] = []
    fate = "Delivered."
    suppressed = False
    last: tuple[Pair, ...] = ()
    if match.kind == "bib":
        replay.make(["bib"])
        rows = {row["record_no"]: row for row in replay.rows("select * from bib")}
        for place in match.places:
            part = gathered.windows.get(("bib", place["record_no"]))
            if part is not None:
                made, last = _changes(run, replay, part)
                changes += made
        mine = [rows[p["record_no"]] for p in match.places if p["record_no"] in rows]
        fate = _fate(match, mine)
        suppressed = any(row["stream"] == "suppressed" for row in mine)
    written = tuple(_written(run, match, suppressed))
    if len(match.places) == 1 and not run.changed:
        run.notes += _differences(last, written)
    return Thing(
        kind=match.kind,
        number=match.number,
        key=match.key,
        why=match.why,
        fate=fate,
        came_as=tuple(gathered.came_as),
        changes=tuple(changes),
        went_to=written,
        related=tuple(_items(run, match)) if match.kind == "bib" else (),
    )


def _fate(match: Match, rows: list[dict[str, object]]) -> str:
    said = []
    for row in rows:
        if row["set_aside_rule"]:
            said.append(f"set aside by the rule {row['set_aside_rule']}")
        elif row["stream"] is None:
            said.append("merged into the first record with its number")
        elif row["stream"] == "suppressed":
            said.append(f"delivered as {row['number']} among the suppressed bibs")
        else:
            said.append(f"delivered as {row['number']}")
    if not said:
        return "Its record cannot be read any more."
    if len(said) == 1:
        return (
            f"{said[0].capitalize()}."
            if said[0].startswith("merged")
            else f"{said[0][0].upper()}{said[0][1:]}."
        )
    return f"{len(said)} records have this number: {'; '.join(said)}."


def _changes(run: AskedRun, replay: Replay, part: Partition) -> tuple[list[Change], tuple[Pair, ...]]:
    """Each edit that changed the record, in order; and the fields after the last."""
    edits = run.ruleset.rules.bib.edit
    by_id = {edit.id: (number, edit) for number, edit in enumerate(edits)}
    made: list[Change] = []
    before: tuple[Pair, ...] = ()
    for name, after in replay.edited(part):
        if name and before != after:
            gone, come = difference(before, after)
            if name == "-":
                made.append(Change("layout and items", *_layout(run, part), gone, come))
            else:
                number, edit = by_id[name]
                place = edit_place(run.files, run.ruleset, ("bib", "edit"), number, edit.id)
                made.append(Change(edit.id, str(place), says(edit), gone, come))
        before = after
    return made, before


def _differences(last: tuple[Pair, ...], written: tuple[WentTo, ...]) -> list[str]:
    """Fields in which the replay and the delivered record do not agree: there should be none."""
    if not last or not written:
        return []
    # Lengths in the leader are counted anew by the writer.
    gone, come = difference(last[1:], written[0].values[1:])
    tags = sorted({field[:3] for field in (*gone, *come)})
    return [
        f"In {written[0].file} the field {tag} is not what the rules give now; trust the file."
        for tag in tags
    ]


def _layout(run: AskedRun, part: Partition) -> tuple[str, str]:
    """Place and words of what a file's layout takes out of every record."""
    profile = next(
        (
            row["profile"]
            for row in run.rows("profile_report", extract="bib")
            if row["chosen"] and row["source_file"] == part.source.name
        ),
        "",
    )
    rules = run.ruleset.rules
    taken = [f"{e.field} as {e.makes or n}" for n, e in rules.extract.items() if e.container == "embedded"]
    for number, one in enumerate(rules.extract["bib"].profile):
        if one.name == profile:
            place = edit_place(run.files, run.ruleset, ("extract", "bib", "profile"), number, profile)
            dropped = f"layout {profile} drops {', '.join(one.drop)}; " if one.drop else ""
            return str(place), f"{dropped}taken out where they are items: {', '.join(taken) or 'none'}"
    return str(Place("")), f"taken out where they are items: {', '.join(taken) or 'none'}"


def says(edit: MarcEdit) -> str:
    """What an edit does, in the words of the rule file.

    >>> says(MarcEdit("x", drop=("003",)))
    'drop 003'
    """
    words = []
    for name in edit.__dataclass_fields__:
        value = getattr(edit, name)
        if name not in ("id", "why") and value:
            words.append(name if value is True else f"{name} {_said(value)}")
    return ", ".join(words)


def _said(value: object) -> str:
    """A value of an edit: texts, lists, tables, and what has keys of its own."""
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{key} -> {one}" for key, one in value.items())
    if dataclasses.is_dataclass(value):
        parts = ((f.name, getattr(value, f.name)) for f in dataclasses.fields(value))
        return " ".join(f"{name} {_said(one)}" for name, one in parts if one)
    return str(value)


def difference(before: tuple[Pair, ...], after: tuple[Pair, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Fields that are gone, and fields that have come, each in their order."""
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    gone: list[str] = []
    come: list[str] = []
    for what, a, b, c, d in matcher.get_opcodes():
        if what != "equal":
            gone += [f"{tag} {value}" for tag, value in before[a:b]]
            come += [f"{tag} {value}" for tag, value in after[c:d]]
    return tuple(gone), tuple(come)


def _written(run: AskedRun, match: Match, suppressed: bool) -> Iterator[WentTo]:
    last = max((place["record_no"] or 0 for place in match.places), default=0)
    bibs = sum(row["read_count"] for row in run.opened.manifest["ledger"] if row["kind"] == match.kind)
    share = last / bibs if bibs else 0.0
    begin = "bib/bib-suppressed" if suppressed else f"{match.kind}/{match.kind}"
    found = record_in_xml(run, begin, match.number, share)
    if found is not None:
        yield found


def _items(run: AskedRun, match: Match) -> Iterator[tuple[str, str]]:
    for row in run.rows("bib_item", bib_number=match.number)[:ITEMS_MOST]:
        yield "item", row["item_number"]
