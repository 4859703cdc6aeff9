"""Findings of readers and writers as issue rows, and their tallies.

Readers speak in spans and notes, writers in failures and notes, all by record number; here they become
rows of the issue table (schema/books.py). A finding that repeats a million times makes a million rows in
the run's table but one line in a tally.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from transformer.extracts.model import Source
from transformer.pipeline.results import IssueTally
from transformer.schema.batch import (
    REASONS,
    SPAN_REPAIRED,
    SPAN_SET_ASIDE,
    MarcBatch,
    ReadResult,
    Rendered,
    Spans,
)
from transformer.schema.books import ISSUE_CODES

Row = dict[str, Any]
Note = tuple[str, int, str, str]


def issue_row(code: str, source: Source, **facts: Any) -> Row:
    """One row of the issue table; severity and message come from the list of codes where not given."""
    known = ISSUE_CODES[code]
    row: Row = {
        "severity": known.severity,
        "code": code,
        "kind": source.extract,
        "record_id": "",
        "source_file": source.name,
        "byte_start": None,
        "line": None,
        "tag": "",
        "column": "",
        "rule": "",
        "value": "",
        "message": known.sentence,
    }
    return row | facts


def rows_of_read(result: ReadResult, source: Source) -> list[Row]:
    """Rows for spans set aside and for the reader's notes, by offset."""
    spans = result.spans
    rows = [
        issue_row(
            REASONS[spans.reason[at]],
            source,
            byte_start=int(spans.byte_start[at]),
            message=f"{ISSUE_CODES[REASONS[spans.reason[at]]].sentence} ({int(spans.byte_count[at])} bytes)",
        )
        for at in (spans.kind == SPAN_SET_ASIDE).nonzero()[0]
    ]
    told = np.isin(spans.record_no, [note[1] for note in result.notes])
    starts = dict(zip(spans.record_no[told].tolist(), spans.byte_start[told].tolist(), strict=True))
    rows += [row for note in result.notes for row in _note_rows(note, source, starts.get(note[1]))]
    # By offset, so that the order does not depend on where partitions begin.
    return sorted(rows, key=lambda row: -1 if row["byte_start"] is None else row["byte_start"])


def rows_of_render(rendered: Rendered, batch: MarcBatch, source: Source) -> list[Row]:
    """Rows for records a writer could not write and for what it changed."""
    rows = [issue_row(code, source, byte_start=int(batch.byte_start[at])) for at, code in rendered.failed]
    return rows + rows_of_notes(rendered.notes, batch, source)


def rows_of_notes(notes: Iterable[Note], batch: MarcBatch, source: Source) -> list[Row]:
    """Rows for notes (issue code, record index, tag, detail) about the records of a batch."""
    return [row for note in notes for row in _note_rows(note, source, int(batch.byte_start[note[1]]))]


def rows_of_made(notes: Iterable[Note], batch: MarcBatch, kind: str) -> list[Row]:
    """The same about records that we made, which are in no file: their number (001) says which."""
    made, rows = Source(Path("(made)"), "made", extract=kind), []
    for note in notes:
        first = int(batch.field_from[note[1]])
        start, length = int(batch.start[first]), int(batch.length[first])
        data, at = (batch.data, start) if start >= 0 else (batch.added, -1 - start)
        number = data[at : at + length].tobytes().decode()
        rows += [row | {"record_id": number} for row in _note_rows(note, made, None)]
    return rows


def _note_rows(note: Note, source: Source, byte_start: int | None) -> list[Row]:
    """The row of a note; of a code that is counted by value one for each, `U+0008 x2, U+FFFE x1`."""
    code, _, tag, detail = note
    sentence = ISSUE_CODES[code].sentence
    if not ISSUE_CODES[code].by_value:
        message = f"{sentence} ({detail})" if detail else sentence
        return [issue_row(code, source, byte_start=byte_start, tag=tag, message=message)]
    return [
        issue_row(
            code,
            source,
            byte_start=byte_start,
            tag=tag,
            value=part.split(" x")[0],
            message=f"{sentence} ({part})",
        )
        for part in detail.split(", ")
    ]


def set_aside_spans(spans: Spans) -> Iterable[tuple[int, int, str]]:
    """(byte_start, byte_count, issue code) of every span set aside, in file order."""
    for at in (spans.kind == SPAN_SET_ASIDE).nonzero()[0]:
        yield int(spans.byte_start[at]), int(spans.byte_count[at]), REASONS[spans.reason[at]]


def copied_spans(spans: Spans) -> Iterable[tuple[int, int, str]]:
    """The same for records that came through, changed in a way that their raw bytes are kept for."""
    for at in ((spans.kind == SPAN_REPAIRED) & (spans.reason != 0)).nonzero()[0]:
        yield int(spans.byte_start[at]), int(spans.byte_count[at]), REASONS[spans.reason[at]]


def tally(rows: Iterable[Row]) -> tuple[IssueTally, ...]:
    """Counts by code, most severe first, then by code; the first row of each code is its example.

    Of a code that is counted by value every value has its count and its example.
    """
    count: dict[str, int] = {}
    first: dict[str, dict[str, Row]] = {}
    values: Counter[tuple[str, str]] = Counter()
    for row in rows:
        code = row["code"]
        key = row["value"] if code in ISSUE_CODES and ISSUE_CODES[code].by_value else ""
        count[code] = count.get(code, 0) + 1
        values[code, key] += 1
        first.setdefault(code, {}).setdefault(key, row)
    order = {"error": 0, "warning": 1, "note": 2}
    severity = {code: next(iter(found.values()))["severity"] for code, found in first.items()}
    return tuple(
        IssueTally(code, severity[code], count[code], _examples(code, first[code], values))
        for code in sorted(count, key=lambda code: (order[severity[code]], code))
    )


def _examples(code: str, first: dict[str, Row], values: Counter[tuple[str, str]]) -> str:
    if list(first) == [""]:
        return example(first[""])
    return "; ".join(
        f"{value} in {_in_fields(values[code, value])}, first {example(row)}"
        for value, row in sorted(first.items())
    )


def _in_fields(count: int) -> str:
    return f"{count:,} field{'s' if count != 1 else ''}"


def example(row: Row) -> str:
    """Where the finding is, in a few words: file, and offset, line or record number."""
    place = row["record_id"] or (
        f"byte {row['byte_start']:,}"
        if row["byte_start"] is not None
        else f"line {row['line']:,}"
        if row["line"] is not None
        else ""
    )
    return " ".join(part for part in (row["source_file"], place, row["tag"], row["value"]) if part)
