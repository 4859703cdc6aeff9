"""ISO 2709: an extract file becomes spans, partitions, and batches of records with their fields.

`partitions` walks the file once, hopping from leader to leader, and cuts it at span ends; `read` takes
one partition, finds its spans again and indexes its records. Both see the same spans, since a span's end
depends on a bounded number of bytes after it, and `read` looks as far ahead as `partitions` did.

A record that is damaged is a span that is set aside with a reason; it never costs a neighbour. One that is
not UTF-8 is decoded (see `charset`). Empty files have no spans and no partitions.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from transformer.errors import ExtractError
from transformer.extracts.model import PARTITION_BYTES, Partition, Source
from transformer.extracts.window import fill, opened, read_window
from transformer.kernels.boundary import AHEAD, FULL, MORE, MOST, find_spans
from transformer.kernels.iso2709 import MAX_ENTRIES, count_fields, index_records
from transformer.marc import ENTRY_MAP_AT, LEADER_LENGTH, RECORD_TERMINATOR
from transformer.readers.charset import decoded
from transformer.schema.batch import I64, SPAN_SEPARATOR, U8, MarcBatch, ReadResult, Spans

WALK_BYTES: Final = 1 << 20
"""Buffer of the boundary pass: large enough for any decision, small enough for the processor's cache."""
_SPANS_AT_ONCE: Final = 1 << 15
_SNIFF_BYTES: Final = 4096


@dataclass(frozen=True, slots=True)
class Reach:
    """How far the boundary pass looks; other values than the defaults are for tests.

    walk_bytes: size of its buffer. most: length at which a span that is no record is cut. ahead: bytes
    beyond a span that its end may depend on. walk_bytes >= most + ahead + 1.
    """

    walk_bytes: int = WALK_BYTES
    most: int = MOST
    ahead: int = AHEAD


USUAL: Final = Reach()


def looks_like(head: bytes) -> bool:
    """True if the first bytes of a file (4 KiB will do) look like ISO 2709.

    Separators and a byte order mark are passed over. Then five digits must stand, and either the entry
    map 45 in leader/20-21 or, in what we see, a record terminator where the five digits lead.
    """
    start = head[:_SNIFF_BYTES].removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n \0\x1a")
    leader = start[:LEADER_LENGTH]
    if len(leader) < LEADER_LENGTH or not leader[:5].isdigit():
        return False
    length = int(leader[:5])
    return leader[ENTRY_MAP_AT : ENTRY_MAP_AT + 2] == b"45" or start[length - 1 : length] == bytes(
        [RECORD_TERMINATOR]
    )


def spans(source: Source, first_record_no: int = 0, reach: Reach = USUAL) -> Iterator[Spans]:
    """All spans of a file in order, some at a time; together they cover it without gap or overlap.

    Damage inside a record (directory, character set) is not seen here, only by `read`. Raises
    ExtractError if the file cannot be read.
    """
    buffer = np.empty(reach.walk_bytes, np.uint8)
    room = min(_SPANS_AT_ONCE, reach.walk_bytes)
    offset = held = at = 0
    with opened(source.path) as file:
        final = False
        while not final:
            held += fill(file, buffer[held:])
            final = held < len(buffer)
            status = FULL
            while status == FULL:
                found = _empty_spans(room)
                at, filled, status = find_spans(
                    buffer[:held],
                    at,
                    held,
                    offset,
                    final,
                    reach.most,
                    reach.most + reach.ahead,
                    found.byte_start,
                    found.byte_count,
                    found.kind,
                    found.reason,
                )
                if filled:
                    numbered = _numbered(found, filled, first_record_no)
                    first_record_no += int(np.count_nonzero(numbered.kind != SPAN_SEPARATOR))
                    yield numbered
            # What is undecided moves to the front; the next bytes come after it.
            buffer[: held - at] = buffer[at:held].copy()
            offset, held, at = offset + at, held - at, 0


def partitions(
    source: Source,
    first_index: int = 0,
    first_record_no: int = 0,
    partition_bytes: int = PARTITION_BYTES,
    reach: Reach = USUAL,
) -> Iterator[Partition]:
    """Cut a file at span ends into partitions of at least `partition_bytes` (the last one may be less).

    Cuts depend on the file alone. first_index, first_record_no: where numbering goes on when an extract
    has several files. Raises ExtractError if the file cannot be read.
    """
    index, start, first = first_index, 0, first_record_no
    end, following = 0, first_record_no
    for found in spans(source, first_record_no, reach):
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


def read(partition: Partition, reach: Reach = USUAL) -> ReadResult:
    """Read one partition: its spans, and a batch of the records that are good.

    The batch's `data` is the window, with some bytes of what follows it. Raises ExtractError if the file
    cannot be read or is not what it was when the partition was cut.
    """
    wanted = partition.byte_count + reach.ahead
    window = read_window(partition.source.path, partition.byte_start, wanted)
    found = _spans_of(partition, window, len(window) < wanted, reach)
    local = found.byte_start - partition.byte_start
    record_count, field_count = count_fields(window, local, found.byte_count, found.kind)
    span_of = np.empty(record_count, np.int64)
    field_from = np.empty(record_count + 1, np.int64)
    tag = np.empty(field_count, np.uint32)
    start = np.empty(field_count, np.int64)
    length = np.empty(field_count, np.int32)
    control = np.empty(field_count, np.uint8)
    text = np.empty(record_count, np.uint8)
    records, fields = index_records(
        window, local, found.byte_count, found.kind, found.reason,
        span_of, field_from, tag, start, length, control, text, np.empty((2, MAX_ENTRIES), np.int64),
    )  # fmt: skip
    if records < 0:
        raise AssertionError("fewer fields were counted than found")
    span_of = span_of[:records]
    batch = MarcBatch(
        data=window,
        added=np.empty(0, np.uint8),
        record_no=found.record_no[span_of],
        leader=local[span_of],
        field_from=field_from[: records + 1],
        byte_start=found.byte_start[span_of],
        byte_count=found.byte_count[span_of],
        tag=tag[:fields],
        start=start[:fields],
        length=length[:fields],
        control=control[:fields],
    )
    return decoded(ReadResult(batch, found), text[:records], partition)


def _spans_of(partition: Partition, window: U8, final: bool, reach: Reach) -> Spans:
    """The spans of a partition, found again in its window."""
    # Separators stand between others, or are cut at `most`.
    room = 2 * partition.record_count + partition.byte_count // reach.most + 2
    found = _empty_spans(room)
    at, filled, status = find_spans(
        window,
        0,
        min(partition.byte_count, len(window)),
        partition.byte_start,
        final,
        reach.most,
        0,
        found.byte_start,
        found.byte_count,
        found.kind,
        found.reason,
    )
    numbered = _numbered(found, filled, partition.first_record_no)
    numbers = int(np.count_nonzero(numbered.kind != SPAN_SEPARATOR))
    if at != partition.byte_count or status == MORE or numbers != partition.record_count:
        raise ExtractError(
            f"has changed: {partition.record_count} records stood from byte {partition.byte_start} on, "
            f"now {numbers}",
            str(partition.source.path),
            next_step="Let nothing write to the extract while it is read, and start again.",
        )
    return numbered


def _empty_spans(room: int) -> Spans:
    """Arrays for `room` spans, not yet filled."""
    return Spans(
        np.empty(room, np.int64),
        np.empty(room, np.int64),
        np.empty(room, np.uint8),
        np.empty(room, np.uint8),
        np.empty(0, np.int64),
    )


def _numbered(found: Spans, filled: int, first_record_no: int) -> Spans:
    """The first `filled` spans, with record numbers."""
    kind = found.kind[:filled]
    record_no: I64 = first_record_no - 1 + np.cumsum(kind != SPAN_SEPARATOR, dtype=np.int64)
    record_no[kind == SPAN_SEPARATOR] = -1
    return Spans(found.byte_start[:filled], found.byte_count[:filled], kind, found.reason[:filled], record_no)
