"""Delimited text: an extract file becomes a header, partitions, and tables of strings.

`find_shape` looks at the head of a file, `read_header` names its columns, `partitions` walks it once and
cuts it at row ends, `read` makes a table of one partition. How rows are told apart, what happens to a
quote that is never closed, and which rows are set aside stands in `kernels/delimited.py`.

A file is: an optional byte order mark, the header (the first line that is not blank), rows. Header and
runs of blank lines are separators; every other span is a row, good or set aside, and has a record number.
Line numbers count physical lines from 1, so that they are those of an editor.

Values come out as they stand in the file, blanks included, without outer qualifiers and without the
doubling of inner ones, repeated values joined with U+001F. Nothing is ever null here. With a qualifier
only `"a";"b"` is a repeated value (`a;b` may well be a title); without one every repeat delimiter counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transformer.errors import ExtractError
from transformer.extracts.model import PARTITION_BYTES, Partition, Source
from transformer.extracts.shape import DelimitedPartition, DelimitedShape
from transformer.extracts.window import fill, opened
from transformer.kernels import delimited as kernels
from transformer.kernels import delimited_fill as filling
from transformer.readers.delimited_head import Marks, head_of, marks_of, names_of, settled
from transformer.readers.delimited_head import find_shape as find_shape
from transformer.readers.delimited_text import Text, text_of
from transformer.readers.kept import kept, kept_window
from transformer.schema.batch import (
    I32,
    I64,
    REASON_CODE,
    SPAN_RECORD,
    SPAN_SEPARATOR,
    SPAN_SET_ASIDE,
    U8,
    Spans,
)

ROW_LIMIT: Final = 1 << 20
"""A row of this many bytes or more is set aside. The longest real ones have a few hundred thousand."""
WALK_BYTES: Final = 8 << 20
"""Buffer of the boundary pass. At least two row limits."""


class SetAsideRow(NamedTuple):
    """A row that is not in the table. line: where it begins, from 1. found, expected: in words, without
    values."""

    line: int
    byte_start: int
    byte_count: int
    code: str
    found: str
    expected: str


class Note(NamedTuple):
    """A finding about a row that is in the table all the same."""

    code: str
    line: int
    column: str
    detail: str


@dataclass(frozen=True, slots=True, eq=False)
class DelimitedResult:
    """What one partition holds.

    table: `line`, `byte_start`, `byte_count` (int64, not null), then one string column for each name of
    the header; rows in file order. spans: cover the partition exactly. set_aside: rows not in the table.
    notes: `line-break-in-value`, one a value. loose_count: rows whose inner quotes were not doubled.
    """

    table: pa.Table
    spans: Spans
    set_aside: tuple[SetAsideRow, ...]
    notes: tuple[Note, ...]
    loose_count: int


def read_header(source: Source, shape: DelimitedShape) -> tuple[str, ...]:
    """Names of the columns, stripped; line breaks inside a name become blanks.

    A name that occurred before, or is one of the reader's own (`line`, `byte_start`, `byte_count`), gets
    ` (2)`, ` (3)` ... (`Found.duplicates` lists them); an empty one becomes `column 4`. Without a header
    all are `column 1` ... by the first row. Raises ExtractError if there is no header to be read.
    """
    return names_of(head_of(source, settled(source, shape)), shape)


def partitions(
    source: Source,
    shape: DelimitedShape,
    first_index: int = 0,
    first_record_no: int = 0,
    partition_bytes: int = PARTITION_BYTES,
    walk_bytes: int = WALK_BYTES,
) -> Iterator[DelimitedPartition]:
    """Cut a file at row ends into partitions of at least `partition_bytes` (the last may be less).

    Cuts depend on file and shape alone. first_index, first_record_no: where numbering goes on when an
    extract has several files. Raises ExtractError if the file cannot be read.
    """
    shape = settled(source, shape)
    marks, head = marks_of(shape), head_of(source, shape)
    columns = len(head.values)
    scratch = (np.empty(columns, np.int32), np.empty(columns, np.int32))
    buffer = np.empty(walk_bytes, np.uint8)
    begin, line, in_line = 0, 1, False
    index, first, rows = first_index, first_record_no, 0
    begin_line, begin_in_line, skip = 1, False, head.byte_count
    offset = held = 0
    with opened(source.path) as file:
        final = False
        while not final:
            held += fill(file, buffer[held:])
            final = held < walk_bytes
            at, line = (skip, line + head.line_count) if offset == 0 else (0, line)
            sure = held if final else held - ROW_LIMIT - kernels.LOOK_AHEAD
            while at < sure or (final and at == held and begin < offset + at):
                until = min(sure, begin + partition_bytes - offset)
                at, passed, lines, in_line = kernels.skim_rows(
                    buffer[:held], at, until, *marks, columns, ROW_LIMIT, in_line, *scratch
                )
                rows, line = rows + passed, line + lines
                if offset + at - begin >= partition_bytes or (final and at == held):
                    yield DelimitedPartition(
                        source, index, begin, offset + at - begin, first, rows, begin_line, begin_in_line
                    )
                    index, begin, first, rows = index + 1, offset + at, first + rows, 0
                    begin_line, begin_in_line = line, in_line
            # Rows that may need more bytes move to the front; the next bytes come after them.
            buffer[: held - at] = buffer[at:held].copy()
            offset, held = offset + at, held - at


def read(partition: Partition, shape: DelimitedShape, header: tuple[str, ...]) -> DelimitedResult:
    """The rows of one partition that `partitions` cut, under the names of `read_header`.

    Raises ExtractError if the file cannot be read or is not what it was when the partition was cut.
    """
    if not isinstance(partition, DelimitedPartition):
        raise TypeError("a delimited file is read by the partitions of this module")
    shape = settled(partition.source, shape)
    # No column points into window or places: all text is copied.
    window = kept_window(partition.source.path, partition.byte_start, partition.byte_count)
    head = head_of(partition.source, shape) if partition.byte_start == 0 else None
    skip = head.byte_count if head else 0
    line = partition.first_line + (head.line_count if head else 0)
    text = text_of(shape)
    marks, rows = marks_of(shape), window[skip:]
    span, start, packed, taken = _rows_of(partition, rows, marks, len(header), line, text)
    good = span[:, 2] <= kernels.ROW_LOOSE
    arrays = arrays_of(rows, start, packed, taken, len(header), marks, text)
    span[:, 0] += partition.byte_start + skip
    own = [pa.array(np.ascontiguousarray(span[good, column])) for column in (3, 0, 1)]
    table = pa.table([*own, *arrays], names=["line", "byte_start", "byte_count", *header])
    return DelimitedResult(
        table,
        _spans(partition, span, skip),
        tuple(_set_aside(span[span[:, 2] > kernels.ROW_BLANK], partition, window, len(header), text)),
        tuple(_break_notes(table, span[good, 4], header)),
        int(np.count_nonzero(span[:, 2] == kernels.ROW_LOOSE)),
    )


def _rows_of(
    partition: DelimitedPartition, rows: U8, marks: Marks, columns: int, line: int, text: Text
) -> tuple[I64, I32, I32, int]:
    """Spans (see `kernels.read_rows`), places and lengths of values, number of rows taken."""
    # A row taken has a delimiter or line end for each value, so values are never more than bytes. One row
    # more gives room to try a row that is then set aside.
    values = (min(partition.record_count, len(rows) // columns + 1) + 1) * columns
    start, packed = kept("start", values, np.int32), kept("packed", values, np.int32)
    room = partition.record_count + 64
    while True:
        span = np.empty((room, 5), np.int64)
        end, spans, taken = kernels.read_rows(
            rows,
            *marks,
            columns,
            ROW_LIMIT,
            partition.in_line,
            line,
            text.utf8,
            text.allowed,
            span,
            start,
            packed,
        )
        if end == len(rows) or spans < room:
            break
        room *= 4  # blank lines between the rows
    span = span[:spans]
    if end < len(rows) or np.count_nonzero(span[:, 2] != kernels.ROW_BLANK) != partition.record_count:
        raise ExtractError(
            f"holds other rows than when it was first read, from byte {partition.byte_start} on",
            str(partition.source.path),
            "a file that stays as it is while it is read",
            "Wait until the export is complete, then start again.",
        )
    return span, start, packed, taken


def arrays_of(
    rows: U8, start: I32, packed: I32, taken: int, columns: int, marks: Marks, text: Text
) -> list[pa.Array]:
    """One string array a column."""
    place = np.empty(columns + 1, np.int64)
    filling.measure_columns(packed, taken, columns, place)
    out = np.empty(int(place[columns]), np.uint8)
    offset = np.empty((columns, taken + 1), np.int32)
    _, qualifier, repeat = marks
    if not filling.fill_columns(rows, start, packed, taken, columns, qualifier, repeat, place, offset, out):
        raise AssertionError("columns were measured too small")
    if qualifier == kernels.NONE and repeat != kernels.NONE:
        filling.replace_byte(out, repeat, 0x1F)
    arrays = []
    for column in range(columns):
        data = out[place[column] : place[column] + offset[column, taken]]
        arrays.append(text.array(data, offset[column]))
    return arrays


def _spans(partition: DelimitedPartition, span: I64, skip: int) -> Spans:
    """Spans of a partition, the header first where it has one."""
    status = span[:, 2]
    kind = np.full(len(span), SPAN_RECORD, np.uint8)
    kind[status == kernels.ROW_BLANK] = SPAN_SEPARATOR
    kind[status > kernels.ROW_BLANK] = SPAN_SET_ASIDE
    reason = _REASON[status]
    record_no = partition.first_record_no - 1 + np.cumsum(kind != SPAN_SEPARATOR)
    record_no[kind == SPAN_SEPARATOR] = -1
    start, count = span[:, 0], span[:, 1]
    if skip:
        start, count = np.insert(start, 0, 0), np.insert(count, 0, skip)
        kind, reason = np.insert(kind, 0, SPAN_SEPARATOR), np.insert(reason, 0, 0)
        record_no = np.insert(record_no, 0, -1)
    return Spans(np.ascontiguousarray(start), np.ascontiguousarray(count), kind, reason, record_no)


_CODE: Final = {
    kernels.ROW_FIELD_COUNT: "row-field-count",
    kernels.ROW_OPEN_QUOTE: "row-open-quote",
    kernels.ROW_TOO_LONG: "row-too-long",
    kernels.ROW_NOT_TEXT: "not-utf8",
}
_REASON: Final = np.zeros(7, np.uint8)
for _status, _code in _CODE.items():
    _REASON[_status] = REASON_CODE[_code]


def _set_aside(
    bad: I64, partition: DelimitedPartition, window: U8, columns: int, text: Text
) -> Iterator[SetAsideRow]:
    """The rows of these spans (see `kernels.read_rows`) in words."""
    for byte_start, byte_count, status, line, count in bad.tolist():
        found, expected = f"{count} values", f"{columns} values"
        if status == kernels.ROW_OPEN_QUOTE:
            found = f"a quotation mark opens in value {count} and is not closed"
            expected = "a closing quotation mark"
        elif status == kernels.ROW_TOO_LONG:
            found, expected = f"{byte_count} bytes of a longer line", f"fewer than {ROW_LIMIT} bytes"
        elif status == kernels.ROW_NOT_TEXT:
            at = byte_start - partition.byte_start
            found, expected = text.fault(window[at : at + byte_count]), text.name
        yield SetAsideRow(line, byte_start, byte_count, _CODE[status], found, expected)


def _break_notes(table: pa.Table, breaks: I64, header: tuple[str, ...]) -> Iterator[Note]:
    """One note for each value that holds a line break; `breaks` counts them by row."""
    rows = np.flatnonzero(breaks)
    if not len(rows):
        return
    some = table.take(pa.array(rows))
    lines = some.column("line").to_pylist()
    notes = []
    for place, name in enumerate(header):
        counts = pc.count_substring(some.column(3 + place), "\n").to_pylist()
        notes += [
            (row, place, Note("line-break-in-value", lines[row], name, f"{n} line break" + "s" * (n > 1)))
            for row, n in enumerate(counts)
            if n
        ]
    for _, _, note in sorted(notes, key=lambda found: found[:2]):
        yield note
