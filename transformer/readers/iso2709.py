"""ISO 2709: an extract file becomes spans, partitions, and batches of records with their fields.

`partitions` walks the file once, hopping from leader to leader, and cuts it at span ends; `read` takes
one partition, finds its spans again and indexes its records. Both see the same spans, since a span's end
depends on a bounded number of bytes after it, and `read` looks as far ahead as `partitions` did.

A damaged record is repaired where its terminators tell how (see `mended` and schema/damage.py), else it is a
span that is set aside with a reason; it never costs a neighbour. One that is not UTF-8 is decoded (see
`charset`). Empty files have no spans and no partitions.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from transformer.extracts.model import PARTITION_BYTES, Partition, Source
from transformer.extracts.window import read_window
from transformer.kernels.boundary import AHEAD, MOST, find_spans
from transformer.kernels.iso2709 import MAX_ENTRIES, count_fields, index_records
from transformer.marc import (
    BASE_ADDRESS_AT,
    BASE_ADDRESS_DIGITS,
    ENTRY_MAP_AT,
    LEADER_LENGTH,
    RECORD_LENGTH_DIGITS,
    RECORD_TERMINATOR,
)
from transformer.readers import walk
from transformer.readers.charset import decoded
from transformer.readers.kept import kept_window
from transformer.readers.mended import with_mended
from transformer.schema.batch import I64, U8, MarcBatch, ReadResult, Spans

BOUNDS: Final = walk.Bounds(find_spans, MOST, AHEAD)
_SNIFF_BYTES: Final = 4096


def looks_like(head: bytes) -> bool:
    """True if the first bytes of a file (4 KiB will do) look like ISO 2709.

    Separators and a byte order mark are passed over. Then five digits must stand, and either the entry
    map 45 in leader/20-21 or, in what we see, a record terminator where the five digits lead. Where the
    length is none, its base address must be digits and the entry map be there.
    """
    start = head[:_SNIFF_BYTES].removeprefix(b"\xef\xbb\xbf").lstrip(b"\r\n \0\x1a")
    leader = start[:LEADER_LENGTH]
    if len(leader) < LEADER_LENGTH:
        return False
    has_map = leader[ENTRY_MAP_AT : ENTRY_MAP_AT + 2] == b"45"
    if not leader[:RECORD_LENGTH_DIGITS].isdigit():
        return has_map and leader[BASE_ADDRESS_AT : BASE_ADDRESS_AT + BASE_ADDRESS_DIGITS].isdigit()
    length = int(leader[:RECORD_LENGTH_DIGITS])
    return has_map or start[length - 1 : length] == bytes([RECORD_TERMINATOR])


def spans(source: Source, first_record_no: int = 0, bounds: walk.Bounds = BOUNDS) -> Iterator[Spans]:
    """All spans of a file in order, some at a time; together they cover it without gap or overlap.

    Damage inside a record (directory, character set) is not seen here, only by `read`. Raises
    ExtractError if the file cannot be read.
    """
    return walk.spans(source, bounds, first_record_no)


def partitions(
    source: Source,
    first_index: int = 0,
    first_record_no: int = 0,
    partition_bytes: int = PARTITION_BYTES,
    bounds: walk.Bounds = BOUNDS,
) -> Iterator[Partition]:
    """Cut a file at span ends into partitions of at least `partition_bytes` (the last one may be less).

    Cuts depend on the file alone. first_index, first_record_no: where numbering goes on when an extract
    has several files. Raises ExtractError if the file cannot be read.
    """
    return walk.partitions(source, bounds, first_index, first_record_no, partition_bytes)


def read(partition: Partition, bounds: walk.Bounds = BOUNDS, into: walk.Into = read_window) -> ReadResult:
    """Read one partition: its spans, and a batch of the records that are good or could be repaired.

    The batch's `data` is the window, with some bytes of what follows it. Raises ExtractError if the file
    cannot be read or is not what it was when the partition was cut.
    """
    window, found = walk.window_of(partition, bounds, into)
    local = found.byte_start - partition.byte_start
    batch, text = _indexed(window, local, found)
    result, text = with_mended(ReadResult(batch, found), text, local)
    return decoded(result, text, partition)


def read_once(partition: Partition) -> ReadResult:
    """As `read`, for who lets the batch go before this thread reads again: then its bytes are overwritten."""
    return read(partition, into=kept_window)


def _indexed(window: U8, local: I64, found: Spans) -> tuple[MarcBatch, U8]:
    """The undamaged records, and TEXT_* of each; kind and reason of the others' spans are changed."""
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
    return batch, text[:records]
