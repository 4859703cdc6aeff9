"""Edits that a tag alone decides, done on a batch; and 880 fields that follow their partners."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from transformer.kernels import pairs as pair_kernels
from transformer.kernels.gather import SLACK, gather
from transformer.kernels.subfield import NO_TAG, tag_indexes
from transformer.marc import pack_tag, unpack_tag
from transformer.schema.batch import I32, U8, MarcBatch
from transformer.schema.tag_edits import Fate, TagTable


def edit_by_tag(batch: MarcBatch, table: TagTable) -> tuple[MarcBatch, U8 | None]:
    """The batch with other tags and indicators, and which fields (uint8[F], 1) are left out; None = none.

    Tags are looked at once each, fields by a table. Indicators are set in data fields only.
    """
    if not table.edits:
        return batch, None
    index = np.empty(batch.field_count, np.int32)
    tag_indexes(batch.tag, index)
    others = np.unique(batch.tag[index == NO_TAG])
    index[index == NO_TAG] = 1000 + np.searchsorted(others, batch.tag[index == NO_TAG])
    seen = np.flatnonzero(np.bincount(index, minlength=1000 + len(others)))
    names = {at: f"{at:03}" if at < 1000 else unpack_tag(int(others[at - 1000])) for at in seen.tolist()}
    fates = {at: table.fate(name) for at, name in names.items()}
    changed = {at: fate for at, fate in fates.items() if fate != Fate(names[at])}
    if not changed:
        return batch, None
    return _retagged(_with_indicators(batch, index, changed), index, changed)


def _retagged(batch: MarcBatch, index: I32, changed: dict[int, Fate]) -> tuple[MarcBatch, U8]:
    width = max(int(index.max()), max(changed)) + 1
    to, gone = np.zeros(width, np.uint32), np.zeros(width, np.uint8)
    for at, fate in changed.items():
        if fate.tag:
            to[at] = pack_tag(fate.tag)
        else:
            gone[at] = 1
    fresh = to[index]
    if fresh.any():
        batch = replace(batch, tag=np.where(fresh != 0, fresh, batch.tag))
    return batch, gone[index]


def _with_indicators(batch: MarcBatch, index: I32, changed: dict[int, Fate]) -> MarcBatch:
    width = max(int(index.max()), max(changed)) + 1
    ind1, ind2 = np.zeros(width, np.uint8), np.zeros(width, np.uint8)
    for at, fate in changed.items():
        ind1[at], ind2[at] = ord(fate.ind1 or "\0"), ord(fate.ind2 or "\0")
    fields = np.flatnonzero(((ind1 | ind2)[index] != 0) & (batch.control == 0))
    if not len(fields):
        return batch
    length = batch.length[fields]
    out = np.empty(int(length.sum(dtype=np.int64)) + SLACK, np.uint8)
    out_from = np.zeros(len(fields) + 1, np.int64)
    of = index[fields]
    used = gather(batch.data, batch.added, batch.start[fields], length, ind1[of], ind2[of], out, out_from)
    assert used >= 0, "the capacity is the sum of all lengths"
    start = batch.start.copy()
    start[fields] = -1 - len(batch.added) - out_from[:-1]
    return replace(batch, start=start, added=np.concatenate((batch.added, out[:used])))


def follow_pairs(before: MarcBatch, after: MarcBatch) -> MarcBatch:
    """`after` with its 880 fields where their partners went.

    before: the batch as it was read; after: the same records, or some of them, edited. An 880 whose partner
    is gone goes too; where the partner has another tag, its $6 names that.
    """
    if not np.any(after.tag == pair_kernels.LINKED_TAG):
        return after
    fate = np.zeros(after.field_count, np.uint32)
    changed = pair_kernels.follow_pairs(
        before.data,
        before.added, before.field_from, before.tag, before.start, before.length,
        np.searchsorted(before.record_no, after.record_no).astype(np.int64),
        after.added, after.field_from, after.tag, after.start, after.length,
        fate,
    )  # fmt: skip
    return _followed(after, fate) if changed else after


def _followed(batch: MarcBatch, fate: np.ndarray) -> MarcBatch:
    start, pieces, at = batch.start.copy(), [batch.added], len(batch.added)
    for field in np.flatnonzero(fate > pair_kernels.LEAVES).tolist():
        text = _bytes(batch, field)
        place = text.index(b"\x1f6") + 2
        text = text[:place] + unpack_tag(int(fate[field])).encode() + text[place + 3 :]
        pieces.append(np.frombuffer(text, np.uint8))
        start[field] = -1 - at
        at += len(text)
    keep = np.flatnonzero(fate != pair_kernels.LEAVES)
    record = np.repeat(np.arange(batch.record_count), np.diff(batch.field_from))[keep]
    counts = np.bincount(record, minlength=batch.record_count)
    return replace(
        batch,
        added=np.concatenate(pieces),
        field_from=np.concatenate(([0], np.cumsum(counts))).astype(np.int64),
        tag=batch.tag[keep],
        start=start[keep],
        length=batch.length[keep],
        control=batch.control[keep],
    )


def _bytes(batch: MarcBatch, field: int) -> bytes:
    start, length = int(batch.start[field]), int(batch.length[field])
    if start >= 0:
        return batch.data[start : start + length].tobytes()
    return batch.added[-1 - start : -1 - start + length].tobytes()
