"""MarcBatch -> aleph_sequential in UTF-8: a line a field, LDR first, fields in their order.

A line begins with the record's 001 as nine digits; where that is no number of one to nine digits, with the
record's number in the extract, counted from 1 (the line of 001 has the true value). Blanks in the leader and
fields 00X are `^`. Missing indicators become blanks, with a note `indicator-missing`.

A record that would not read back the same fails: `cannot-say-value`, `cannot-say-field`,
`cannot-say-record`, `bad-tag`; see kernels/emit_lines.py for the cases.
"""

from __future__ import annotations

from transformer.schema.batch import MarcBatch, Rendered
from transformer.writers import lines


def render(batch: MarcBatch) -> Rendered:
    """Records of the batch as lines."""
    return lines.render(batch, sequential=True)
