"""The bytes form of MARC: what every reader fills, every edit rewrites and every writer emits.

A `MarcBatch` is a window of bytes plus offsets into it. Whatever the container was (ISO 2709, MARCXML,
JSON, lines of text), the bytes of one field are in the inner form of ISO 2709, without its
terminator: a control field is its value; a data field is `ind1 ind2 (0x1F code value)*`. So one kernel
serves all containers on the way out, and untouched text is copied from extract to delivery.

Offsets: `start >= 0` points into `data`; `start < 0` points into `added` at `-1 - start`. Readers put the
leaders of repaired records and the fields they decoded into `added`, edits new and changed fields, so
`data` is never copied.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

U8 = npt.NDArray[np.uint8]
U32 = npt.NDArray[np.uint32]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class MarcBatch:
    """R records with F fields in file order. Every byte in `data` and `added` reached by an offset is
    valid UTF-8 (checked by the reader). All arrays are C-contiguous and never written after creation.

    data: uint8[n], the window. added: uint8[m], bytes made by repairs and edits.
    record_no: int64[R], number in the extract, rising. leader: int64[R], start of the 24 leader bytes
    (may be negative like a field's). field_from: int64[R + 1]; the fields of record r are
    field_from[r] .. field_from[r + 1]. byte_start, byte_count: int64[R], the span in the unpacked
    source file. tag: uint32[F], packed (`marc.pack_tag`). start: int64[F]. length: int32[F], without
    terminator. control: uint8[F], 1 for a control field: a property of the field, not of its tag.
    """

    data: U8
    added: U8
    record_no: I64
    leader: I64
    field_from: I64
    byte_start: I64
    byte_count: I64
    tag: U32
    start: I64
    length: I32
    control: U8

    @property
    def record_count(self) -> int:
        """Number of records R."""
        return len(self.record_no)

    @property
    def field_count(self) -> int:
        """Number of fields F."""
        return len(self.tag)

    def leader_byte(self, position: int) -> U8:
        """uint8[R], the byte at a position of each leader."""
        taken = np.empty(self.record_count, np.uint8)
        inside = self.leader >= 0
        taken[inside] = self.data[self.leader[inside] + position]
        taken[~inside] = self.added[-1 - self.leader[~inside] + position]
        return taken

    def fields_at(self, places: I64, in_added: bool) -> I64:
        """int64[N], rising: the fields that hold any of these places of `data`, or of `added`."""
        start = -1 - self.start if in_added else self.start
        there = np.flatnonzero(start >= 0)
        if not len(places) or not len(there):
            return np.empty(0, np.int64)
        order = there[np.argsort(start[there], kind="stable")]
        last = np.searchsorted(start[order], places, side="right") - 1
        hit = order[last[last >= 0]]
        found: I64 = np.unique(hit[places[last >= 0] < start[hit] + self.length[hit]])
        return found


# What a span of an extract is. Spans cover a file exactly: no gap, no overlap, sum = file size.
SPAN_RECORD = 0
SPAN_REPAIRED = 1
SPAN_SET_ASIDE = 2
SPAN_SEPARATOR = 3


@dataclass(frozen=True, slots=True, eq=False)
class Spans:
    """S spans in file order. Every span but separators has a record number, counted from 0 per extract.

    byte_start, byte_count: int64[S] in the unpacked file. kind: uint8[S], one of SPAN_*. reason:
    uint8[S], 0 or an index into `REASONS`. record_no: int64[S], -1 for separators.
    """

    byte_start: I64
    byte_count: I64
    kind: U8
    reason: U8
    record_no: I64


# Why a span was set aside: index -> issue code. The sentences stand in schema/books.py.
REASONS: tuple[str, ...] = (
    "",
    "record-length",  # leader length is not where a record terminator stands
    "truncated",  # the file ends inside the record
    "garbage",  # bytes that are no record
    "base-address",
    "directory",  # not 12 an entry, not digits, outside the record, overlapping
    "field-terminator",  # an entry's end is not where a field terminator stands
    "not-utf8",
    "escape-sequence",  # MARC-8 escapes in a record that is otherwise ASCII
    "xml-malformed",
    "xml-structure",  # well-formed, but not a MARC record (tag not 3 characters, no leader ...)
    "leader",  # leader too short or with bytes that no leader may have
    "row-field-count",  # delimited: other number of values than the header has
    "row-open-quote",  # delimited: a quotation mark opens and is not closed
    "row-too-long",  # delimited: a piece of a line that is longer than a row may be
    "line-layout",  # a line of the record does not have the columns of its container
    "record-too-large",  # a piece of a record that is longer than any may be
    "json-malformed",
    "json-structure",  # well-formed, but not a MARC record
    "undecodable",  # repaired: U+FFFD stands for bytes that the record's encoding does not know
    # Repaired, as schema/damage.py says; where several hold, the one that is last here.
    "length-mended",
    "base-mended",
    "directory-mended",
    "terminator-mended",
    "leader-mended",
    "record-oversize",
    "field-unnamed",
    "field-doubtful",
    "row-length",  # fixed columns: the row ends before a column that it must have
    "row-syntax",  # documents, dumps: text that is no row, or a row that is not as it should be
)
REASON_CODE: dict[str, int] = {name: number for number, name in enumerate(REASONS)}


@dataclass(frozen=True, slots=True, eq=False)
class ReadResult:
    """What a reader makes of one partition: good records, all spans, and notes about records.

    batch: only records of kind SPAN_RECORD or SPAN_REPAIRED. spans: all of the partition. notes: issue
    codes about records that came through all the same, as (issue code, record_no, tag or "", detail);
    detail is a short fact, never a personal value. encodings, encoding: names, and uint8[R], the place in
    them of what each record was decoded from; None where it is the first name for all.
    """

    batch: MarcBatch
    spans: Spans
    notes: tuple[tuple[str, int, str, str], ...] = ()
    encodings: tuple[str, ...] = ("utf-8",)
    encoding: U8 | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Edits:
    """What is to become of the records of one batch (R records, F fields); `writers.edits` applies it.

    keep: uint8[R], 0 = the record does not go out here. leader: int64[R], offset of a new leader in
    `added`, -1 = as it is. drop: uint8[F], 1 = the field is left out.
    Changed fields, C of them: changed_field int64[C], field indexes, rising; changed_tag uint32[C];
    changed_start int64[C], offset in `added`; changed_length int32[C]; changed_control uint8[C].
    New fields, N of them, by record index (not record_no) and then in the order wanted: new_record
    int64[N]; new_tag uint32[N]; new_start int64[N]; new_length int32[N]; new_control uint8[N].
    A new field goes after the existing fields of its tag and before the first higher tag.
    added: uint8[m], the bytes, in the inner form (see the module), valid UTF-8.
    """

    keep: U8
    leader: I64
    drop: U8
    changed_field: I64
    changed_tag: U32
    changed_start: I64
    changed_length: I32
    changed_control: U8
    new_record: I64
    new_tag: U32
    new_start: I64
    new_length: I32
    new_control: U8
    added: U8


@dataclass(frozen=True, slots=True, eq=False)
class Rendered:
    """What a writer makes of one batch: bytes ready for the file.

    data: uint8[n]. ends: int64[R], where each record's bytes end (a record that could not be written
    has zero bytes). failed: (record index, issue code) of those. notes: (issue code, record index, tag,
    detail) of what was changed on the way, e.g. a character that XML forbids. part_count: records in `data`
    beyond one for each record written, where some were split.
    """

    data: U8
    ends: I64
    failed: tuple[tuple[int, str], ...] = ()
    notes: tuple[tuple[str, int, str, str], ...] = ()
    part_count: int = 0
