"""MarcBatch -> ISO 2709 in UTF-8: leader, directory in field order without gaps, fields, terminators.

- Record length, base address and the directory are computed anew.
- Entry map (leader/20-23): kept where it says what we write, four digits of length and five of start
  (`4500` of MARC 21, `450 ` of UNIMARC); anything else becomes `4500`.
- leader/09 is `a` where the written entry map is `4500`, since the bytes are UTF-8.
- Never a false length: a field beyond 9,999 bytes fails its record with `field-too-long`, a record beyond
  99,999 with `record-too-long`, unless they are to be split (`writers.split_long`); a tag that is not three
  printable ASCII characters fails it with `bad-tag`.
- Field bytes are written as they are, so that reading and writing gives the same bytes for every UTF-8
  record with entry map 4500, leader/09 = a and a directory in data order without gaps.
"""

from __future__ import annotations

from functools import partial
from typing import Final

import numpy as np

from transformer.kernels import emit_iso2709 as kernels
from transformer.marc import ENTRY_LENGTH, MIN_RECORD_BYTES
from transformer.schema.batch import MarcBatch, Rendered
from transformer.writers.buffers import lend
from transformer.writers.split_long import split_failed

FAILURES: Final = {
    kernels.RECORD_BAD_TAG: "bad-tag",
    kernels.RECORD_TOO_LONG: "record-too-long",
    kernels.FIELD_TOO_LONG: "field-too-long",
}
SLACK: Final = 64
"""Bytes behind the last record that the kernel's wide copies may touch."""


def render(batch: MarcBatch, *, marc21: bool = True, split_long: bool = False) -> Rendered:
    """Records of the batch in ISO 2709.

    marc21: set leader/09 to `a` where the written entry map is `4500`; False leaves it as it is.
    split_long: write what is too long as several records and fields.
    """
    rendered = _rendered(batch, marc21)
    if split_long and rendered.failed:
        return split_failed(batch, rendered, partial(_rendered, marc21=marc21))
    return rendered


def _rendered(batch: MarcBatch, marc21: bool) -> Rendered:
    records = batch.record_count
    ends = np.zeros(records, np.int64)
    status = np.zeros(records, np.uint8)
    size = int(batch.length.sum(dtype=np.int64)) + (ENTRY_LENGTH + 1) * batch.field_count
    out = lend(size + MIN_RECORD_BYTES * records + SLACK)
    used = kernels.emit_records(
        batch.data, batch.added, batch.leader, batch.field_from, batch.tag, batch.start, batch.length,
        marc21, out, ends, status,
    )  # fmt: skip
    assert used >= 0, "the capacity is the exact size"
    failed = tuple((int(r), FAILURES[int(status[r])]) for r in np.flatnonzero(status))
    return Rendered(out[:used], ends, failed)
