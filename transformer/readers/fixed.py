"""Rows of fixed columns: every value has its bytes. Rows end at line ends, or have one length.

Columns are cut by bytes before anything is decoded, as the systems write them: a row in Latin-1 with 60
bytes has 60 characters, one in UTF-8 may have fewer. Values come out as they stand, blanks included; those
of columns that repeat are joined with U+001F, blanks behind each left out. Bytes that no column names come
out as columns called by their place (`57-66`, `1315-`) where any row has more than blanks there.

Set aside: rows that end before a required column (`row-length`), rows that are not text (`not-utf8`), lines
so long that they were cut, in pieces (`row-too-long`). Blank lines are separators.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transformer.extracts.model import Partition, Source
from transformer.extracts.shape import DelimitedPartition, DelimitedShape
from transformer.extracts.window import read_window
from transformer.kernels.delimited import NONE
from transformer.readers.delimited import DelimitedResult, SetAsideRow, arrays_of
from transformer.readers.delimited_head import Marks
from transformer.readers.delimited_text import Text, text_of
from transformer.readers.lines import Lines, lines_of, row_spans
from transformer.schema.batch import I64, U8

MOST_TIMES: Final = 999
"""Times that columns may repeat in one row."""
Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class FixedShape:
    """Where values stand. positions: column -> (first byte from 0, end). again: the same for the first of
    those that repeat every `every` bytes, as often as the number at `times` says (None: to the row's end).
    rest: column for what stands behind all. least: bytes that a row must have. record_bytes: length of a
    row that no line end follows; 0 = rows are lines."""

    positions: tuple[tuple[str, Place], ...]
    again: tuple[tuple[str, Place], ...] = ()
    every: int = 0
    times: Place | None = None
    rest: str = ""
    least: int = 1
    record_bytes: int = 0
    encoding: str = "utf-8"

    @property
    def end(self) -> int:
        """Where the columns that do not repeat end, those that do begin."""
        return min((first for _, (first, _) in self.again), default=self.widest)

    @property
    def widest(self) -> int:
        """End of the last column that does not repeat."""
        return max((end for _, (_, end) in self.positions), default=0)


@dataclass(slots=True)
class _Columns:
    """Columns of one partition: names, and first and last byte of each in each row (int64[rows])."""

    names: list[str] = field(default_factory=list)
    first: list[I64] = field(default_factory=list)
    last: list[I64] = field(default_factory=list)

    def add(self, name: str, first: I64, last: I64) -> None:
        """One more column."""
        self.names.append(name)
        self.first.append(first)
        self.last.append(last)


def read(partition: Partition, shape: FixedShape) -> DelimitedResult:
    """The rows of one partition that `lines.partitions` cut."""
    assert isinstance(partition, DelimitedPartition)
    window = read_window(partition.source.path, partition.byte_start, partition.byte_count)
    lines = lines_of(window, partition, shape.record_bytes)
    text = text_of(DelimitedShape(delimiter="|", qualifier=None, repeat="", encoding=shape.encoding))
    lines.judge("row-length", lines.end - lines.start < shape.least)
    lines.judge("not-utf8", _not_text(window, lines, text))
    good = lines.good
    start, end = lines.start[good], lines.end[good]
    columns, times = _places(window, start, end, shape)
    arrays = _filled(window, columns, text)
    made = _joined(columns, arrays, times, shape)
    table = pa.table([*lines.own(partition, good), *made.values()], names=[*lines.OWN, *made])
    return DelimitedResult(table, row_spans(partition, lines), tuple(_aside(partition, lines, shape)), (), 0)


def _places(window: U8, start: I64, end: I64, shape: FixedShape) -> tuple[_Columns, I64]:
    """All columns, repeats one by one, gaps, rest; and how often each row repeats."""
    found = _Columns()
    covered = np.zeros(shape.end, bool)
    for name, (first, last) in shape.positions:
        found.add(name, start + first, np.minimum(start + last, end))
        covered[first:last] = True
    if shape.times:
        covered[slice(*shape.times)] = True
    base = start + shape.end
    times = np.zeros(len(start), np.int64)
    if shape.again:
        times = _times(window, start, end, shape)
        for turn in range(int(times.max(initial=0))):
            for name, (first, last) in shape.again:
                begin = start + first + turn * shape.every
                found.add(f"{name}\x00{turn}", begin, np.minimum(begin + last - first, end))
        base = start + shape.end + times * shape.every
    for first, last in _gaps(covered):
        found.add(f"{first + 1}-{last}", start + first, np.minimum(start + last, end))
    rest = shape.rest or f"{shape.end + 1}-"
    found.add(rest, np.minimum(base, end), end)
    return found, times


def _times(window: U8, start: I64, end: I64, shape: FixedShape) -> I64:
    """How often the repeated columns stand in each row, never beyond its end."""
    room = np.maximum(end - start - shape.end + shape.every - 1, 0) // shape.every
    if shape.times is None:
        most: I64 = np.minimum(room, MOST_TIMES)
        return most
    first, last = shape.times
    value = np.zeros(len(start), np.int64)
    for at in range(first, last):
        place = start + at
        digit = window[np.minimum(place, len(window) - 1)].astype(np.int64) - 48 if len(window) else value
        known = (place < end) & (digit >= 0) & (digit <= 9)
        value = np.where(known, value * 10 + digit, value)
    times: I64 = np.minimum(np.minimum(value, room), MOST_TIMES)
    return times


def _gaps(covered: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Iterator[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate(([True], covered, [True])).astype(np.int8)))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _filled(window: U8, columns: _Columns, text: Text) -> list[pa.Array]:
    rows, count = len(columns.first[0]), len(columns.names)
    start = np.empty((rows, count), np.int32)
    packed = np.empty((rows, count), np.int32)
    for place, (first, last) in enumerate(zip(columns.first, columns.last, strict=True)):
        length = np.maximum(last - first, 0)
        start[:, place] = np.where(length > 0, first, 0)
        packed[:, place] = length << 2
    marks = Marks(NONE, NONE, NONE)
    return arrays_of(window, start.reshape(-1), packed.reshape(-1), rows, count, marks, text)


def _joined(columns: _Columns, arrays: list[pa.Array], times: I64, shape: FixedShape) -> dict[str, pa.Array]:
    """Column -> values: repeats joined, places nobody named only where something stands in them."""
    named = {*(name for name, _ in shape.positions), shape.rest}
    made: dict[str, pa.Array] = {}
    empty = pa.array([""] * len(times), pa.string())
    repeated = dict.fromkeys((name for name, _ in shape.again), empty)
    for full, array in zip(columns.names, arrays, strict=True):
        name, mark, turn = full.partition("\x00")
        if mark:
            value = pc.utf8_rtrim(array, " ")
            if int(turn):
                value = pc.binary_join_element_wise(repeated[name], value, "\x1f")
            repeated[name] = pc.if_else(pa.array(times > int(turn)), value, repeated[name])
        elif name in named or pc.any(pc.not_equal(pc.utf8_trim(array, " "), "")).as_py():
            made[name] = array
    return {**made, **repeated}


def _not_text(window: U8, lines: Lines, text: Text) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Rows that are not text; rows of ASCII alone are never looked at one by one."""
    bad = np.zeros(len(lines.start), bool)
    high = np.flatnonzero(window > 0x7F) if len(window) and window.max() > 0x7F else np.empty(0, np.int64)
    for row in np.unique(np.searchsorted(lines.start, high, "right") - 1).tolist() if len(high) else ():
        bad[row] = bool(text.fault(window[lines.start[row] : lines.end[row]]))
    return bad


def _aside(partition: Partition, lines: Lines, shape: FixedShape) -> Iterator[SetAsideRow]:
    for row in np.flatnonzero(lines.reason != 0).tolist():
        code = lines.code(row)
        length = int(lines.end[row] - lines.start[row])
        expected = f"at least {shape.least} bytes" if code == "row-length" else shape.encoding
        yield SetAsideRow(
            int(lines.line[row]),
            partition.byte_start + int(lines.start[row]),
            int(lines.after[row] - lines.start[row]),
            code,
            f"{length} bytes",
            expected,
        )


def source_shape(source: Source, shape: FixedShape) -> FixedShape:
    """The shape for a file: rows of one length that line ends follow all the same are lines."""
    if shape.record_bytes:
        head = read_window(source.path, shape.record_bytes, 2).tobytes()
        if head[:1] == b"\n" or head == b"\r\n":
            import dataclasses

            return dataclasses.replace(shape, record_bytes=0)
    return shape
