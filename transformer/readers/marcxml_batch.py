"""Bytes of MARCXML records to a MarcBatch: by kernel, and with lxml where the kernel declines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from transformer.kernels.marcxml import (
    DECLINED,
    FIELD_BYTES_LEAST,
    FORBIDDEN,
    FULL,
    NOT_UTF8,
    TAKEN,
    WIDTH,
    parse_records,
)
from transformer.readers.kept import kept
from transformer.readers.marcxml_lxml import Reading, Refused, read_record
from transformer.readers.marcxml_prolog import Prolog
from transformer.schema.batch import (
    I64,
    REASON_CODE,
    SPAN_RECORD,
    SPAN_REPAIRED,
    SPAN_SET_ASIDE,
    U8,
    MarcBatch,
)

Notes = tuple[tuple[str, int, str, str], ...]

_REASON: Final = {NOT_UTF8: REASON_CODE["not-utf8"], FORBIDDEN: REASON_CODE["xml-malformed"]}


@dataclass(frozen=True, slots=True, eq=False)
class Records:
    """R records as the boundary pass finds them; `batch_of` writes what becomes of them into it.

    start, stop: int64[R], offsets in the file. reason: uint8[R], 0 or an index into REASONS. kind:
    uint8[R], SPAN_*. record_no: int64[R].
    """

    start: I64
    stop: I64
    reason: U8
    kind: U8
    record_no: I64


def records_of(start: I64, stop: I64, reason: U8, first_record_no: int) -> Records:
    """Records with a number and, as far as it is known, a kind."""
    kind = np.where(reason == 0, SPAN_RECORD, SPAN_SET_ASIDE).astype(np.uint8)
    return Records(start, stop, reason, kind, first_record_no + np.arange(len(start), dtype=np.int64))


def batch_of(window: U8, at: I64, size: I64, prolog: Prolog, records: Records) -> tuple[MarcBatch, Notes]:
    """A batch of the records of kind SPAN_RECORD, the text of the first of them window[at[0]:][:size[0]].

    What turns out to be no MARC record gets its reason and kind in `records`, and so does what was
    repaired.
    """
    whole = np.flatnonzero(records.kind == SPAN_RECORD)
    fields = _Fields(window, at, size, prolog.changes_attributes)
    readings: dict[int, Reading] = {}
    for record in np.flatnonzero(fields.status != TAKEN).tolist():
        status = int(fields.status[record])
        reason = _REASON.get(status, 0)
        if status == DECLINED:
            try:
                xml = window[at[record] : at[record] + size[record]].tobytes()
                readings[record] = read_record(xml, prolog.doctype_for(xml))
                records.kind[whole[record]] = SPAN_REPAIRED if readings[record].repaired else SPAN_RECORD
            except Refused as refused:
                reason = REASON_CODE[refused.reason]
        if reason:
            records.reason[whole[record]] = reason
            records.kind[whole[record]] = SPAN_SET_ASIDE
    fields.add(readings)
    good = whole[fields.taken]
    batch = MarcBatch(
        data=fields.data,
        added=np.empty(0, np.uint8),
        record_no=records.record_no[good],
        leader=fields.leader[fields.taken],
        field_from=fields.field_from,
        byte_start=records.start[good],
        byte_count=(records.stop - records.start)[good],
        tag=fields.tag,
        start=fields.start,
        length=fields.length,
        control=fields.control,
    )
    notes = tuple(
        (code, int(records.record_no[whole[record]]), tag, detail)
        for record, reading in readings.items()
        for code, tag, detail in reading.notes
    )
    return batch, notes


class _Fields:
    """What the kernel makes of records, and a place for what lxml makes of others.

    taken: bool[R], which records are there. The arrays are those of a MarcBatch, but `leader` has a place
    for every record.
    """

    def __init__(self, window: U8, at: I64, size: I64, decline_all: bool) -> None:
        total = int(size.sum())
        room = total // FIELD_BYTES_LEAST + 1
        self.status: U8 = np.full(len(at), DECLINED, np.uint8)
        self.leader: I64 = np.zeros(len(at), np.int64)
        self.field_from: I64 = np.zeros(len(at) + 1, np.int64)
        data = np.empty(total + WIDTH, np.uint8)
        tag, start = kept("tag", room, np.uint32), kept("start", room, np.int64)
        length, control = kept("length", room, np.int32), kept("control", room, np.uint8)
        used = fields = 0
        if not decline_all:
            used, fields = parse_records(
                window,
                at,
                at + size,
                data,
                self.status,
                self.leader,
                self.field_from,
                tag,
                start,
                length,
                control,
            )
        if np.any(self.status == FULL):
            raise AssertionError("a record of XML needs more room than its own bytes")
        # Copies: the arrays were made for the worst case, and only what was used shall be kept.
        self.data, self.tag, self.start = data[:used], tag[:fields].copy(), start[:fields].copy()
        self.length, self.control = length[:fields].copy(), control[:fields].copy()

    def add(self, readings: dict[int, Reading]) -> None:
        """Put what lxml read in its places, and keep only records that were read."""
        counts = np.diff(self.field_from)
        if readings:
            owner = [np.repeat(np.arange(len(counts)), counts)]
            pieces, tags, starts, lengths, controls = [self.data.tobytes()], [], [], [], []
            end = len(self.data)
            for record, reading in readings.items():
                self.status[record] = TAKEN
                self.leader[record] = end
                counts[record] = len(reading.fields)
                owner.append(np.full(len(reading.fields), record))
                pieces.append(reading.leader)
                end += len(reading.leader)
                for tag, control, value in reading.fields:
                    tags.append(tag)
                    controls.append(control)
                    starts.append(end)
                    lengths.append(len(value))
                    pieces.append(value)
                    end += len(value)
            order = np.argsort(np.concatenate(owner), kind="stable")
            self.data = np.frombuffer(bytearray(b"".join(pieces)), np.uint8)
            self.tag = np.concatenate([self.tag, np.array(tags, np.uint32)])[order]
            self.start = np.concatenate([self.start, np.array(starts, np.int64)])[order]
            self.length = np.concatenate([self.length, np.array(lengths, np.int32)])[order]
            self.control = np.concatenate([self.control, np.array(controls, np.uint8)])[order]
        self.taken = self.status == TAKEN
        self.field_from = np.concatenate([[0], np.cumsum(counts[self.taken])]).astype(np.int64)
