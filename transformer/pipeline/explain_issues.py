"""The issues of one thing: those that name its number or its place, and those that count it among others."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc

from transformer.pipeline.explain_find import Match
from transformer.pipeline.explain_run import AskedRun, Row
from transformer.pipeline.validity import TABLE
from transformer.reports.explained import Found, Thing
from transformer.schema.books import ISSUE_CODES


def issues_of(run: AskedRun, thing: Thing, match: Match) -> Thing:
    """The thing with its issues."""
    rows = _near(run, thing, match).to_pylist()
    found = [_found(row) for row in rows if _is_its_own(row, match)]
    found += [_found(row, counted=True) for row in rows if _counts(row, thing)]
    found += _faults(run, match)
    return dataclasses.replace(thing, found=tuple(dict.fromkeys(found)))


def _near(run: AskedRun, thing: Thing, match: Match) -> pa.Table:
    """Issue rows that may be about it: a run of a million items has tens of thousands that are not."""
    table = run.column("issue")
    name = table.column("record_id")
    near = pc.or_(pc.is_in(name, pa.array([match.number, ""], name.type)), pc.is_null(name))
    for column in ("line", "byte_start"):
        there = [place[column] for place in match.places if place[column] is not None]
        found = pc.is_in(table.column(column), pa.array(there, table.schema.field(column).type))
        near = pc.or_(near, found)
    kinds = table.column("kind")
    return table.filter(pc.and_(near, pc.is_in(kinds, pa.array([match.kind, thing.kind], kinds.type))))


def _found(row: Row, counted: bool = False) -> Found:
    known = ISSUE_CODES.get(row["code"])
    return Found(
        row["severity"], row["code"], known.sentence if known else "", row["message"],
        row["column"] or row["tag"], row["value"] or "", counted,
    )  # fmt: skip


def _is_its_own(row: Row, match: Match) -> bool:
    if row["kind"] == match.kind and row["record_id"] == match.number:
        return True
    for place in match.places:
        if row["source_file"] != place["source_file"] or row["kind"] != match.kind:
            continue
        if place["line"] is not None and row["line"] == place["line"]:
            return True
        if (
            place["record_no"] is not None
            and match.kind != "item"
            and row["byte_start"] == place["byte_start"]
        ):
            return not row["message"].endswith("the first stands here)")
    return False


def _counts(row: Row, thing: Thing) -> bool:
    """Whether the row speaks of many things, of which this is one."""
    if row["kind"] != thing.kind or row["record_id"]:
        return False
    columns = {name for name in (row["column"] or "").split(", ") if name}
    for step in thing.steps:
        if step.map and row["rule"] == f"map.{step.map}" and row["value"] == step.looked_up:
            return not step.mapped
        if row["code"] == "matched-by-label" and row["rule"] == step.map_row and step.map_row:
            return bool(row["value"] == step.looked_up)
        if step.column not in columns:
            continue
        if row["code"] == "duplicate-changed" and step.does.startswith("unique "):
            return True
        if row["code"] == "bad-date" and step.does and "date " in step.does:
            return step.after is None and any(value for _, value in step.inputs)
        if row["code"] == "value-duplicate" and step.taken:
            return bool(row["value"]) and row["value"] == step.after
    if row["code"] == "value-missing" and thing.steps:
        return not any(step.column in columns and step.taken for step in thing.steps)
    return False


def _faults(run: AskedRun, match: Match) -> Iterator[Found]:
    """What its MARC format does not allow."""
    if not run.has(TABLE) or match.kind not in ("bib", "holdings"):
        return
    for place in match.places:
        for row in run.rows(TABLE, source_file=place["source_file"], record_no=place["record_no"]):
            known = ISSUE_CODES[row["code"]]
            yield Found(known.severity, row["code"], known.sentence, "", row["tag"], row["value"] or "")
