"""The walk that line containers and JSON share: a boundary kernel's spans become partitions and windows.

A container brings `Bounds`: its boundary kernel, how long a record may be, and how far beyond a span's end
the kernel looks. A span's end depends on no byte further away, so `window_of`, which reads that much behind
its partition, finds the same spans as the walk over the whole file did.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from transformer.errors import ExtractError
from transformer.extracts.model import PARTITION_BYTES, Partition, Source
from transformer.extracts.window import fill, opened, read_window
from transformer.schema.batch import I64, SPAN_SEPARATOR, U8, Spans

DONE: Final = 0
MORE: Final = 1
FULL: Final = 2
"""What a boundary kernel says: all found up to `stop`; more bytes are needed; no room for more spans."""

WALK_BYTES: Final = 1 << 20
"""First size of the walk's buffer, small enough for the processor's cache; it doubles for a long record until
`Bounds.most` and what is looked at behind it fit: to 32 MiB for ISO 2709, 16 and 8 MiB for the others."""
_SPANS_AT_ONCE: Final = 1 << 15

Find = Callable[[U8, int, int, int, bool, int, I64, I64, U8, U8], tuple[int, int, int]]
"""find(data, at, stop, offset, final, most, byte_start, byte_count, kind, reason) -> (next, filled, state):
spans from data[at] on, until one ends at or after `stop`. data[0] is byte `offset` of the file; final:
data ends where the file ends."""

Into = Callable[[Path, int, int], U8]
"""How a window is read: `extracts.window.read_window`, or one like it."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """find: the boundary kernel. most: a longer record is cut there, so that memory stays bounded. ahead:
    bytes behind a span's end that it depends on. walk_bytes: other values than the default are for tests."""

    find: Find
    most: int
    ahead: int
    walk_bytes: int = WALK_BYTES


def spans(source: Source, bounds: Bounds, first_record_no: int = 0) -> Iterator[Spans]:
    """All spans of a file in order, some at a time; together they cover it without gap or overlap.

    Raises ExtractError if the file cannot be read.
    """
    buffer = np.empty(bounds.walk_bytes, np.uint8)
    # One set of arrays for all of the walk: fresh ones cost more than to find the spans of a buffer.
    found = empty_spans(_SPANS_AT_ONCE)
    offset = held = at = 0
    with opened(source.path) as file:
        final = False
        while not final:
            held += fill(file, buffer[held:])
            final = held < len(buffer)
            state = FULL
            while state == FULL:
                at, filled, state = _find(bounds, buffer[:held], at, held, offset, final, found)
                if filled:
                    numbered = _numbered(_first(found, filled), filled, first_record_no)
                    first_record_no += int(np.count_nonzero(numbered.kind != SPAN_SEPARATOR))
                    yield numbered
            # What is undecided moves to the front; the next bytes come after it.
            left = buffer[at:held]
            if len(left) * 2 > len(buffer):
                buffer = np.empty(len(buffer) * 2, np.uint8)
            buffer[: len(left)] = left
            offset, held, at = offset + at, len(left), 0
            del left


def partitions(
    source: Source,
    bounds: Bounds,
    first_index: int = 0,
    first_record_no: int = 0,
    partition_bytes: int = PARTITION_BYTES,
) -> Iterator[Partition]:
    """Cut a file at span ends into partitions of at least `partition_bytes` (the last one may be less).

    Cuts depend on the file alone. first_index, first_record_no: where numbering goes on when an extract
    has several files. Raises ExtractError if the file cannot be read.
    """
    index, start, first = first_index, 0, first_record_no
    end, following = 0, first_record_no
    for found in spans(source, bounds, first_record_no):
        ends = found.byte_start + found.byte_count
        numbers = following + np.cumsum(found.kind != SPAN_SEPARATOR)
        place = int(np.searchsorted(ends, start + partition_bytes))
        while place < len(ends):
            end, following = int(ends[place]), int(numbers[place])
            yield Partition(source, index, start, end - start, first, following - first)
            index, start, first = index + 1, end, following
            place = int(np.searchsorted(ends, start + partition_bytes))
        end, following = int(ends[-1]), int(numbers[-1])
    if end > start:
        yield Partition(source, index, start, end - start, first, following - first)


def window_of(partition: Partition, bounds: Bounds, into: Into = read_window) -> tuple[U8, Spans]:
    """The bytes of a partition, with some of what follows it, and its spans. into: how they are read; where
    no result will point into them, `kept.kept_window`.

    Raises ExtractError if the file cannot be read or is not what it was when the partition was cut.
    """
    wanted = partition.byte_count + bounds.ahead
    window = into(partition.source.path, partition.byte_start, wanted)
    final, stop = len(window) < wanted, min(partition.byte_count, len(window))
    parts, at, state = [], 0, FULL
    first = partition.first_record_no
    while state == FULL:
        found = empty_spans(partition.record_count + 64)
        at, filled, state = _find(bounds, window, at, stop, partition.byte_start, final, found)
        parts.append(_numbered(found, filled, first))
        first += int(np.count_nonzero(parts[-1].kind != SPAN_SEPARATOR))
    count = first - partition.first_record_no
    if at != partition.byte_count or state == MORE or count != partition.record_count:
        raise ExtractError(
            f"has changed: {partition.record_count} records stood from byte {partition.byte_start} on, "
            f"now {count}",
            str(partition.source.path),
            next_step="Let nothing write to the extract while it is read, and start again.",
        )
    return window, joined_spans(parts)


def _find(
    bounds: Bounds, data: U8, at: int, stop: int, offset: int, final: bool, found: Spans
) -> tuple[int, int, int]:
    return bounds.find(
        data, at, stop, offset, final, bounds.most,
        found.byte_start, found.byte_count, found.kind, found.reason,
    )  # fmt: skip


def empty_spans(room: int) -> Spans:
    """Arrays for `room` spans, not yet filled."""
    return Spans(
        np.empty(room, np.int64),
        np.empty(room, np.int64),
        np.empty(room, np.uint8),
        np.empty(room, np.uint8),
        np.empty(0, np.int64),
    )


def _first(found: Spans, filled: int) -> Spans:
    """A copy of the first `filled` spans, not yet numbered."""
    return Spans(
        found.byte_start[:filled].copy(),
        found.byte_count[:filled].copy(),
        found.kind[:filled].copy(),
        found.reason[:filled].copy(),
        found.record_no,
    )


def joined_spans(parts: list[Spans]) -> Spans:
    """Several runs of spans as one."""
    if len(parts) == 1:
        return parts[0]
    return Spans(
        np.concatenate([part.byte_start for part in parts]),
        np.concatenate([part.byte_count for part in parts]),
        np.concatenate([part.kind for part in parts]),
        np.concatenate([part.reason for part in parts]),
        np.concatenate([part.record_no for part in parts]),
    )


def _numbered(found: Spans, filled: int, first_record_no: int) -> Spans:
    """The first `filled` spans, with record numbers."""
    kind = found.kind[:filled]
    record_no: I64 = first_record_no - 1 + np.cumsum(kind != SPAN_SEPARATOR, dtype=np.int64)
    record_no[kind == SPAN_SEPARATOR] = -1
    return Spans(found.byte_start[:filled], found.byte_count[:filled], kind, found.reason[:filled], record_no)
