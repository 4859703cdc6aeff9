"""Damaged records of ISO 2709 that can be repaired join the good ones of their partition, in file order.

The kernel `mend` does the work; here its records are merged into the batch, their spans become
SPAN_REPAIRED (so that whoever reads copies their raw bytes to set-aside), and each repair is told as a
note. Files without damage pass through untouched. A leader with right numbers stands in the batch's
`added`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from transformer.kernels import mend
from transformer.marc import LEADER_LENGTH, unpack_tag
from transformer.readers.splice import put_in
from transformer.schema.batch import (
    I32,
    I64,
    REASON_CODE,
    SPAN_REPAIRED,
    SPAN_SET_ASIDE,
    U8,
    U32,
    MarcBatch,
    ReadResult,
)

CODES: Final = (
    (mend.LENGTH, "length-mended"),
    (mend.BASE, "base-mended"),
    (mend.DIRECTORY, "directory-mended"),
    (mend.TERMINATOR, "terminator-mended"),
    (mend.LEADER, "leader-mended"),
    (mend.OVERSIZE, "record-oversize"),
    (mend.UNNAMED, "field-unnamed"),
    (mend.DOUBTFUL, "field-doubtful"),
)
"""Bit of `mends` and the issue that tells it; a span's reason is the last that holds."""


@dataclass(frozen=True, slots=True, eq=False)
class Mended:
    """W damaged spans, of which those with `mends` were repaired; arrays as `mend.mend_records` has them."""

    span: I64
    mends: U8
    reason: U8
    field_from: I64
    tag: U32
    start: I64
    length: I32
    control: U8
    doubtful: U8
    text: U8
    leader: U8


def with_mended(result: ReadResult, text: U8, local: I64) -> tuple[ReadResult, U8]:
    """The result with every record that could be repaired, and TEXT_* of all its records.

    text: uint8[R], of the records that the result has. local: int64[S], where each span starts in the data.
    """
    spans = result.spans
    damaged = np.flatnonzero(spans.kind == SPAN_SET_ASIDE)
    if not len(damaged):
        return result, text
    mended = _mend(result.batch.data, local, spans.byte_count, damaged)
    taken = np.flatnonzero(mended.mends)
    kind, reason = spans.kind.copy(), spans.reason.copy()
    better = mended.reason != 0
    reason[damaged[better]] = mended.reason[better]
    for bit, code in CODES:
        reason[damaged[mended.mends & bit != 0]] = REASON_CODE[code]
    kind[damaged[taken]] = SPAN_REPAIRED
    spans = replace(spans, kind=kind, reason=reason)
    if not len(taken):
        return replace(result, spans=spans), text
    added = _batch_of(mended, taken, result, local)
    batch, order = merged(result.batch, added)
    notes = (*result.notes, *_notes(mended, taken, added.record_no))
    return replace(result, batch=batch, spans=spans, notes=notes), np.append(text, mended.text[taken])[order]


def _mend(data: U8, local: I64, byte_count: I64, damaged: I64) -> Mended:
    fields, most = mend.count_pieces(data, local, byte_count, damaged)
    count = len(damaged)
    mended = Mended(
        span=damaged,
        mends=np.empty(count, np.uint8),
        reason=np.empty(count, np.uint8),
        field_from=np.empty(count + 1, np.int64),
        tag=np.empty(fields, np.uint32),
        start=np.empty(fields, np.int64),
        length=np.empty(fields, np.int32),
        control=np.empty(fields, np.uint8),
        doubtful=np.empty(fields, np.uint8),
        text=np.empty(count, np.uint8),
        leader=np.empty(LEADER_LENGTH * count, np.uint8),
    )
    filled = mend.mend_records(
        data, local, byte_count, damaged, mended.mends, mended.reason, mended.field_from, mended.tag,
        mended.start, mended.length, mended.control, mended.doubtful, mended.text, mended.leader,
        np.empty((mend.SCRATCH_ROWS, most), np.int64),
    )  # fmt: skip
    if filled < 0:
        raise AssertionError("fewer fields were counted than found")
    return mended


def _batch_of(mended: Mended, taken: I64, result: ReadResult, local: I64) -> MarcBatch:
    """The repaired records as a batch of their own over the same data."""
    spans, filled = result.spans, int(mended.field_from[-1])
    span = mended.span[taken]
    return MarcBatch(
        data=result.batch.data,
        added=mended.leader,
        record_no=spans.record_no[span],
        leader=-1 - LEADER_LENGTH * taken,
        # Those that were not repaired have no fields, so that the others' lie side by side.
        field_from=np.append(mended.field_from[taken], filled),
        byte_start=spans.byte_start[span],
        byte_count=spans.byte_count[span],
        tag=mended.tag[:filled],
        start=mended.start[:filled],
        length=mended.length[:filled],
        control=mended.control[:filled],
    )


def merged(one: MarcBatch, two: MarcBatch) -> tuple[MarcBatch, I64]:
    """Two batches over the same data as one, by record number, which rises in both; int64[R], where each
    record stood.

    Only `two` may have bytes in `added`.
    """
    if len(one.added):
        raise AssertionError("both batches have added bytes")
    place = np.searchsorted(one.record_no, two.record_no)
    each, at = np.arange(two.record_count + 1), one.field_from[place]
    counts = put_in(np.diff(one.field_from), np.diff(two.field_from), place, each)
    return MarcBatch(
        data=one.data,
        added=two.added,
        record_no=put_in(one.record_no, two.record_no, place, each),
        leader=put_in(one.leader, two.leader, place, each),
        field_from=np.concatenate([[0], np.cumsum(counts)]),
        byte_start=put_in(one.byte_start, two.byte_start, place, each),
        byte_count=put_in(one.byte_count, two.byte_count, place, each),
        tag=put_in(one.tag, two.tag, at, two.field_from),
        start=put_in(one.start, two.start, at, two.field_from),
        length=put_in(one.length, two.length, at, two.field_from),
        control=put_in(one.control, two.control, at, two.field_from),
    ), put_in(np.arange(one.record_count), one.record_count + each[:-1], place, each)


def _notes(mended: Mended, taken: I64, record_no: I64) -> list[tuple[str, int, str, str]]:
    """One note for each kind of repair of each record, and one with its tag for each doubtful field."""
    notes: list[tuple[str, int, str, str]] = []
    for place, number in zip(taken.tolist(), record_no.tolist(), strict=True):
        bits = int(mended.mends[place])
        notes += [(code, number, "", "") for bit, code in CODES if bits & bit and bit != mend.DOUBTFUL]
        fields = slice(int(mended.field_from[place]), int(mended.field_from[place + 1]))
        for tag in mended.tag[fields][mended.doubtful[fields] != 0].tolist():
            notes.append(("field-doubtful", number, unpack_tag(tag), ""))
    return notes
