"""aleph_sequential: a file of lines becomes spans, partitions, and batches of records with their fields.

What a record is stands in kernels/aleph_sequential.py, what becomes of its lines in
kernels/aleph_sequential_fields.py. A record that is not UTF-8 is decoded first (see `recoding`). A damaged
record is a span that is set aside with a reason; it never costs a neighbour.

Repaired records: leader missing or short, text before the first subfield, values that went on in the
next line, delimiters inside values. Notes say so, one for each record or field.

Where the time goes, ns for a line of 58 bytes on one core, 16 MiB partitions: the walk that cuts partitions
4.5 to read and 5 to find records; a partition 5 to read, 5 to find them again (a partition carries no spans),
3.5 to see that all is UTF-8, 17 for the fields, 4 for fresh pages and copies. A plain copy takes 2.1, a
look for line ends alone 0.9. Before that: 73 for a partition, 14 for the walk.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import numpy as np

from transformer import marc
from transformer.extracts.model import PARTITION_BYTES, Partition, Source
from transformer.kernels import aleph_sequential as lines
from transformer.kernels import aleph_sequential_fields as fields
from transformer.kernels.text_lines import LEADER_PADDED, LEADER_SHORT
from transformer.readers import walk
from transformer.readers.kept import kept, kept_window
from transformer.readers.recoding import Dialect, recoded, wide_length
from transformer.schema.batch import I64, SPAN_RECORD, U8, U32, MarcBatch, ReadResult, Spans

BOUNDS: Final = walk.Bounds(lines.find_spans, lines.MOST, lines.AHEAD)

_RECORD_NOTES: Final = (
    (fields.LEADER_MISSING, "leader-missing"),
    (LEADER_PADDED, "leader-padded"),
    (LEADER_SHORT, "leader-short"),
    (fields.NUMBER_MADE, "number-from-line"),
)
_FIELD_NOTES: Final = (
    (fields.CODE_MADE, "code-missing"),
    (fields.CONTINUED, "line-continued"),
    (fields.DELIMITER, "delimiter-in-value"),
    (fields.PIECES, "pieces-joined"),
    (fields.UNWRAPPED, "control-subfield"),
)
_EACC: Final = re.compile(rb"\x1b\$,?1")
Note = tuple[str, int, str, str]


def partitions(
    source: Source,
    first_index: int = 0,
    first_record_no: int = 0,
    partition_bytes: int = PARTITION_BYTES,
    bounds: walk.Bounds = BOUNDS,
) -> Iterator[Partition]:
    """Cut a file at record ends; see `walk.partitions`."""
    return walk.partitions(source, bounds, first_index, first_record_no, partition_bytes)


def spans(source: Source, first_record_no: int = 0, bounds: walk.Bounds = BOUNDS) -> Iterator[Spans]:
    """All spans of a file in order; damage inside a record is seen by `read` only."""
    return walk.spans(source, bounds, first_record_no)


def read(partition: Partition, bounds: walk.Bounds = BOUNDS) -> ReadResult:
    """Read one partition: its spans, a batch of the records that are good, and notes about some.

    Raises ExtractError if the file cannot be read or is not what it was when the partition was cut.
    """
    window, found = walk.window_of(partition, bounds, kept_window)
    text = recoded(
        window, found.byte_start - partition.byte_start, found.byte_count, found.kind, found.reason,
        found.record_no, partition, Dialect(b"", apart, together),
    )  # fmt: skip
    return text.finished(read_window(text.window, found, text.start, text.count, text.work is None))


def apart(record: bytes) -> list[bytes]:
    """The lines of a record in MARC-8, `$$` as 0x1F but within the three-byte characters of EACC.

    There `$$` may be two thirds of a letter: hiragana begin with it behind their first byte.
    """
    return [_delimited(line) for line in record.replace(b"\x1f", b" ").split(b"\n")]


def _delimited(line: bytes) -> bytes:
    pieces, at = [], 0
    for wide in _EACC.finditer(line):
        end = wide.end() + wide_length(line[wide.end() :], b"$$")
        pieces += [line[at : wide.start()].replace(b"$$", b"\x1f"), line[wide.start() : end]]
        at = end
    return b"".join([*pieces, line[at:].replace(b"$$", b"\x1f")])


def together(fields: list[bytes]) -> bytes:
    """The opposite of `apart`, in UTF-8 by now."""
    return b"\n".join(fields).replace(b"\x1f", b"$$")


def read_window(window: U8, found: Spans, local: I64, count: I64, checked: bool = False) -> ReadResult:
    """The records of these spans, whose text in UTF-8 is window[local:local + count]."""
    whole = found.kind == SPAN_RECORD
    records, size = int(whole.sum()), int(count[whole].sum())
    room = size // fields.LINE_LEAST + 2 * records + 2
    out = np.empty(size + fields.ROOM_PER_RECORD * records + fields.SLACK, np.uint8)
    span_of, leader = np.empty(records, np.int64), np.empty(records, np.int64)
    record_flag, field_from = np.empty(records, np.uint8), np.empty(records + 1, np.int64)
    tag, start = kept("tag", room, np.uint32), kept("start", room, np.int64)
    length = kept("length", room, np.int32)
    control, flag = kept("control", room, np.uint8), kept("flag", room, np.uint8)
    good, filled, used = fields.index_records(
        window, local, count, found.kind, found.reason, out,
        span_of, leader, record_flag, field_from, tag, start, length, control, flag, checked,
    )  # fmt: skip
    if good < 0:
        raise AssertionError("records need more room than their bytes")
    span_of, record_flag = span_of[:good], record_flag[:good]
    batch = MarcBatch(
        data=out[:used],
        added=np.empty(0, np.uint8),
        record_no=found.record_no[span_of],
        leader=leader[:good],
        field_from=field_from[: good + 1],
        byte_start=found.byte_start[span_of],
        byte_count=found.byte_count[span_of],
        # Copies: the arrays were made for the worst case, and only what was used shall be kept.
        tag=tag[:filled].copy(),
        start=start[:filled].copy(),
        length=length[:filled].copy(),
        control=control[:filled].copy(),
    )
    return ReadResult(batch, found, _notes(batch, record_flag, flag[:filled]))


def _notes(batch: MarcBatch, record_flag: U8, flag: U8) -> tuple[Note, ...]:
    """What was found, by record and then by field."""
    notes: list[tuple[int, int, Note]] = []
    for at in np.flatnonzero(record_flag).tolist():
        number = int(batch.record_no[at])
        for bit, code in _RECORD_NOTES:
            if record_flag[at] & bit:
                notes.append((at, -1, (code, number, "001" if bit == fields.NUMBER_MADE else "LDR", "")))
    flagged: I64 = np.flatnonzero(flag)
    owner = np.searchsorted(batch.field_from, flagged, side="right") - 1
    for field, at in zip(flagged.tolist(), owner.tolist(), strict=True):
        number, tag = int(batch.record_no[at]), _tag(batch.tag, field)
        for bit, code in _FIELD_NOTES:
            if flag[field] & bit:
                notes.append((at, field, (code, number, tag, "")))
    return tuple(note for _, _, note in sorted(notes, key=lambda item: item[:2]))


def _tag(tag: U32, field: int) -> str:
    return marc.unpack_tag(int(tag[field]))
