"""MarcBatch -> MARC-in-JSON, one object a line, or (`comma`) the members of one list.

    {"leader": ..., "fields": [{"001": "value"},
                               {"245": {"ind1": "1", "ind2": "0", "subfields": [{"a": "text"}]}}]}

- Every record can be said but one with a tag that is not three printable ASCII characters (`bad-tag`).
- The leader goes out as it is: JSON has no record length and no base address to be right.
- Missing indicators become blanks, with a note `indicator-missing`. Text before the first delimiter is the
  first subfield, with empty code; a delimiter with nothing behind it is `{"": ""}`.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from transformer.kernels import emit_marcjson as kernels
from transformer.marc import unpack_tag
from transformer.schema.batch import MarcBatch, Rendered
from transformer.writers.buffers import lend

HEAD: Final = b"[\n"
TAIL: Final = b"]\n"
"""Around the members of one list. The comma of the very first member has to become a blank."""

GUESS_PER_BYTE: Final = 2
GUESS_PER_FIELD: Final = 90
GUESS_AT_LEAST: Final = 1 << 16


def render(batch: MarcBatch, *, comma: bool = False) -> Rendered:
    """Records of the batch in JSON; comma: each begins with a comma, to stand in a list."""
    records, fields = batch.record_count, batch.field_count
    ends, status = np.zeros(records, np.int64), np.zeros(records, np.uint8)
    flag = np.zeros(fields, np.uint8)
    byte_count = int(batch.length.sum(dtype=np.int64))
    out = lend(max(GUESS_PER_BYTE * byte_count + GUESS_PER_FIELD * (fields + 2 * records), GUESS_AT_LEAST))
    done = used = 0
    while True:
        done, used, need = kernels.emit_records(
            batch.data, batch.added, batch.leader, batch.field_from, batch.tag, batch.start, batch.length,
            batch.control, comma, done, used, out, ends, status, flag,
        )  # fmt: skip
        if not need:
            break
        larger = lend(2 * len(out) + need)
        larger[:used] = out[:used]
        out = larger
    failed = tuple((int(r), "bad-tag") for r in np.flatnonzero(status))
    flagged = np.flatnonzero(flag)
    owner = np.searchsorted(batch.field_from, flagged, side="right") - 1
    notes = tuple(
        ("indicator-missing", r, unpack_tag(int(batch.tag[f])), "")
        for f, r in zip(flagged.tolist(), owner.tolist(), strict=True)
        if not status[r]
    )
    return Rendered(out[:used], ends, failed, notes)
