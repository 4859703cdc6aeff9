"""What the writers of line containers share: batches to lines, failures and notes in words."""

from __future__ import annotations

from typing import Final

import numpy as np

from transformer.kernels import emit_lines as kernels
from transformer.marc import unpack_tag
from transformer.schema.batch import MarcBatch, Rendered
from transformer.writers.buffers import lend

FAILURES: Final = {
    kernels.BAD_TAG: "bad-tag",
    kernels.CANNOT_VALUE: "cannot-say-value",
    kernels.CANNOT_FIELD: "cannot-say-field",
    kernels.CANNOT_RECORD: "cannot-say-record",
}
GUESS_PER_FIELD: Final = 70
GUESS_AT_LEAST: Final = 1 << 16


def render(batch: MarcBatch, sequential: bool) -> Rendered:
    """Records of the batch as lines of aleph_sequential, or else of mnemonic text."""
    records, fields = batch.record_count, batch.field_count
    ends, status = np.zeros(records, np.int64), np.zeros(records, np.uint8)
    flag = np.zeros(fields, np.uint8)
    byte_count = int(batch.length.sum(dtype=np.int64))
    out = lend(max(2 * byte_count + GUESS_PER_FIELD * (fields + 2 * records), GUESS_AT_LEAST))
    done = used = 0
    while True:
        done, used, need = kernels.emit_records(
            batch.data, batch.added, batch.record_no, batch.leader, batch.field_from, batch.tag, batch.start,
            batch.length, batch.control, sequential, done, used, out, ends, status, flag,
        )  # fmt: skip
        if not need:
            break
        larger = lend(2 * len(out) + need)
        larger[:used] = out[:used]
        out = larger
    failed = tuple((int(r), FAILURES[int(status[r])]) for r in np.flatnonzero(status))
    flagged = np.flatnonzero(flag)
    owner = np.searchsorted(batch.field_from, flagged, side="right") - 1
    notes = tuple(
        ("indicator-missing", r, unpack_tag(int(batch.tag[f])), "")
        for f, r in zip(flagged.tolist(), owner.tolist(), strict=True)
        if not status[r]
    )
    return Rendered(out[:used], ends, failed, notes)
