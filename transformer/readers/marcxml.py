"""MARCXML: an extract file becomes spans, partitions, and batches of records with their fields.

`partitions` walks the file once and cuts it at the ends of records; `read` takes one partition, finds its
records again and parses them: by kernel, and one by one with lxml where the kernel declines. Both see the
same spans (see kernels.marcxml_boundary for what is a record), whatever the partitions.

A record span runs from `<record` (any prefix) to the end of its end tag. All else is separator: the
declaration, DOCTYPE, collection and wrapper tags, white space and comments between records. What is not
well-formed, or no MARC, is a span that is set aside with a reason; it never costs a neighbour. Whether
the elements around records are well-formed is not looked at.

`byte_start` and `byte_count` always point into the file as it is; a batch's `data` holds decoded text in
the inner form of ISO 2709, in UTF-8, whatever the file is in (see `recoding`). Notes: `indicator-missing`,
`xml-foreign-element`, and, of repaired records, `leader-missing`, `leader-padded`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import numpy as np

from transformer.errors import ExtractError
from transformer.extracts.model import PARTITION_BYTES, Partition, Source
from transformer.extracts.window import fill, opened, read_window
from transformer.kernels.marcxml_boundary import (
    ELEMENTS,
    INSIDE,
    LOOKAHEAD,
    LOOKBACK,
    MODE,
    OUTSIDE,
    START,
    STATE_SIZE,
    find_records,
)
from transformer.readers.kept import kept_window
from transformer.readers.marcxml_batch import Records, batch_of, records_of
from transformer.readers.marcxml_prolog import Prolog, read_prolog
from transformer.readers.recoding import recoded
from transformer.schema.batch import (
    I64,
    REASON_CODE,
    SPAN_RECORD,
    SPAN_SEPARATOR,
    U8,
    ReadResult,
    Spans,
)

WALK_BYTES: Final = 1 << 20
"""Buffer of the boundary pass: small enough for the processor's cache."""
RECORD_MOST: Final = 128 << 20
"""A longer record is set aside unread (xml-structure), so that memory stays bounded."""
_ROOM: Final = 1 << 14
_WHOLE: Final = 64 << 20
"""A partition up to this size is read in one piece; a larger one holds something monstrous."""

_MARC_NAME: Final = re.compile(
    rb"<(?:[^\s<>/:!?=\"']+:)?(?:record|collection|leader|controlfield|datafield)[\s/>]"
)


def looks_like(head: bytes) -> bool:
    """True if the first bytes of a file (4 KiB or more) look like MARCXML: XML with an element of it.

    XML in UTF-16 counts, so that `partitions` can say why it is not read. A head that shows no MARC element
    counts where it is XML of a wrapper that usually holds records (OAI-PMH, SRU).
    """
    if head.startswith((b"\xff\xfe<", b"\xfe\xff\x00<")):
        return True
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    if not text.startswith(b"<"):
        return False
    return bool(_MARC_NAME.search(text)) or b"OAI-PMH" in text or b"searchRetrieveResponse" in text


class Walk:
    """The boundary pass over bytes lo .. hi of a file: `records()` yields (starts, stops, reasons).

    elements: start tags met outside records, known at the end.
    """

    def __init__(self, source: Source, lo: int, hi: int, walk_bytes: int = WALK_BYTES) -> None:
        self.source = source
        self.lo = lo
        self.hi = hi
        self.walk_bytes = max(walk_bytes, 2 * (LOOKBACK + LOOKAHEAD))
        self.state: I64 = np.zeros(STATE_SIZE, np.int64)

    def records(self) -> Iterator[tuple[I64, I64, U8]]:
        """Runs of records in file order, offsets in the file; the last may be cut short by the end."""
        room = _ROOM
        start, stop, reason = np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.uint8)
        buffer = np.empty(self.walk_bytes, np.uint8)
        at = self.lo
        with opened(self.source.path) as file:
            while at < self.hi:
                base = max(self.lo, at - LOOKBACK)
                file.seek(base)
                held = fill(file, buffer[: min(len(buffer), self.hi - base)])
                final = base + held >= self.hi
                if held < len(buffer) and not final:
                    raise _changed(self.source)
                found, at = find_records(
                    buffer[:held], base, at - base, final, self.state, start, stop, reason
                )
                if found:
                    yield start[:found].copy(), stop[:found].copy(), reason[:found].copy()
        yield from self._cut_short()

    def in_window(self, window: U8) -> tuple[I64, I64, U8]:
        """All records of lo .. hi, where `window` holds just those bytes."""
        runs = []
        start, stop, reason = np.empty(_ROOM, np.int64), np.empty(_ROOM, np.int64), np.empty(_ROOM, np.uint8)
        at = self.lo
        while at < self.hi:
            found, at = find_records(window, self.lo, at - self.lo, True, self.state, start, stop, reason)
            runs.append((start[:found].copy(), stop[:found].copy(), reason[:found].copy()))
        return _joined([*runs, *self._cut_short()])

    def _cut_short(self) -> Iterator[tuple[I64, I64, U8]]:
        """The record that the end leaves open, if there is one. Behind the end of a partition stands the
        start tag that cuts it short in the file."""
        mode = self.state[MODE]
        if mode == OUTSIDE:
            return
        at_file_end = self.hi >= self.source.path.stat().st_size
        cut = "truncated" if at_file_end else "xml-malformed"
        reason = cut if mode <= INSIDE else "xml-structure"
        yield (
            self.state[START : START + 1].copy(),
            np.array([self.hi], np.int64),
            np.array([REASON_CODE[reason]], np.uint8),
        )


def _joined(runs: list[tuple[I64, I64, U8]]) -> tuple[I64, I64, U8]:
    if not runs:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.uint8)
    starts, stops, reasons = zip(*runs, strict=True)
    return np.concatenate(starts), np.concatenate(stops), np.concatenate(reasons)


def partitions(
    source: Source,
    first_index: int = 0,
    first_record_no: int = 0,
    partition_bytes: int = PARTITION_BYTES,
) -> Iterator[Partition]:
    """Cut a file at the ends of records into partitions of at least `partition_bytes` (the last: any).

    Cuts depend on the file alone. first_index, first_record_no: where numbering goes on when an extract
    has several files. Raises ExtractError if the file cannot be read, is in an encoding that we do not
    read, or holds elements but no record.
    """
    prolog = read_prolog(source.path, source.encoding)
    size = source.path.stat().st_size
    walk = Walk(source, prolog.end, size)
    index, begin, first, count = first_index, 0, first_record_no, 0
    held = 0  # end of the last record that is not in a partition yet, or of the last partition
    any_record = False
    for _, stops, _ in walk.records():
        any_record = True
        done = 0
        # A partition is handed out when a record after it is known, so that the last has the file's end.
        while done < len(stops):
            if count and held - begin >= partition_bytes:
                yield Partition(source, index, begin, held - begin, first, count)
                index, begin, first, count = index + 1, held, first + count, 0
            place = max(int(np.searchsorted(stops, begin + partition_bytes)), done)
            upto = min(place + 1, len(stops))
            count += upto - done
            held, done = int(stops[upto - 1]), upto
    elements = walk.state[ELEMENTS]
    if not any_record and (elements > 1 or (elements == 0 and _says_something(source))):
        raise ExtractError(
            "holds no MARC record",
            str(source.path),
            "elements `record` with leader and fields, as MARCXML has them",
            "Check that this is the file you meant, and that it was exported as MARCXML.",
        )
    if size > begin:
        yield Partition(source, index, begin, size - begin, first, count)


def _says_something(source: Source) -> bool:
    """Whether the file's beginning holds anything but white space, NUL and Ctrl-Z."""
    return bool(read_window(source.path, 0, 1 << 16).tobytes().strip(b" \t\r\n\0\x1a\xef\xbb\xbf"))


def spans(source: Source, first_record_no: int = 0) -> Iterator[Spans]:
    """All spans of a file in order, a partition's at a time, as `read` finds them."""
    for partition in partitions(source, 0, first_record_no):
        yield read(partition).spans


def read(partition: Partition) -> ReadResult:
    """Read one partition: its spans, a batch of the records that are good, and notes about some.

    Raises ExtractError if the file cannot be read or is not what it was when the partition was cut.
    """
    prolog = read_prolog(partition.source.path, partition.source.encoding)
    start, stop, reason, window, base = _records_of(partition, prolog)
    if len(start) != partition.record_count:
        raise _changed(partition.source)
    reason[(reason == 0) & (stop - start > RECORD_MOST)] = REASON_CODE["xml-structure"]
    records = records_of(start, stop, reason, partition.first_record_no)
    whole = records.kind == SPAN_RECORD
    at = start - base
    if window is None:
        window, at[whole] = _gathered(partition, start[whole], stop[whole])
    text = recoded(window, at, stop - start, records.kind, records.reason, records.record_no, partition)
    whole = records.kind == SPAN_RECORD
    batch, notes = batch_of(text.window, text.start[whole], text.count[whole], prolog, records)
    return text.finished(ReadResult(batch, _spans_of(partition, records), notes))


def _records_of(partition: Partition, prolog: Prolog) -> tuple[I64, I64, U8, U8 | None, int]:
    """Records of a partition, and its window unless it is too large: (.., window or None, its offset)."""
    end = partition.byte_start + partition.byte_count
    begin = min(max(partition.byte_start, prolog.end), end)
    walk = Walk(partition.source, begin, end)
    if end - begin > _WHOLE:
        return *_joined(list(walk.records())), None, 0
    window = kept_window(partition.source.path, begin, end - begin)
    if len(window) != end - begin:
        raise _changed(partition.source)
    return *walk.in_window(window), window, begin


def _gathered(partition: Partition, start: I64, stop: I64) -> tuple[U8, I64]:
    """The bytes of some records side by side, and where each begins."""
    sizes = stop - start
    at = np.cumsum(sizes) - sizes
    window = np.empty(int(sizes.sum()), np.uint8)
    with opened(partition.source.path) as file:
        for place, offset, size in zip(at.tolist(), start.tolist(), sizes.tolist(), strict=True):
            file.seek(offset)
            if fill(file, window[place : place + size]) != size:
                raise _changed(partition.source)
    return window, at


def _spans_of(partition: Partition, records: Records) -> Spans:
    """Spans of a partition: its records, and separators wherever there are bytes between them."""
    count = len(records.start)
    edges = np.empty(2 * count + 2, np.int64)
    edges[0], edges[-1] = partition.byte_start, partition.byte_start + partition.byte_count
    edges[1:-1:2], edges[2:-1:2] = records.start, records.stop
    sizes = np.diff(edges)
    kind = np.full(2 * count + 1, SPAN_SEPARATOR, np.uint8)
    reason = np.zeros(2 * count + 1, np.uint8)
    record_no = np.full(2 * count + 1, -1, np.int64)
    kind[1::2], reason[1::2], record_no[1::2] = records.kind, records.reason, records.record_no
    there = sizes > 0
    return Spans(edges[:-1][there], sizes[there], kind[there], reason[there], record_no[there])


def _changed(source: Source) -> ExtractError:
    return ExtractError(
        "has changed since its records were counted",
        str(source.path),
        next_step="Let nothing write to the extract while it is read, and start again.",
    )
