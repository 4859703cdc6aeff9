r"""MarcBatch -> mnemonic text (.mrk) in UTF-8: =LDR first, a line a field, an empty line behind a record.

Blanks in control fields and indicators are `\`; real `\ $ { }` are `{bsol} {dollar} {lcub} {rcub}`; all other
characters are themselves. Missing indicators become blanks, with a note `indicator-missing`.

A record that would not read back the same fails: `cannot-say-value` (a line break), `cannot-say-field`,
`bad-tag`; see kernels/emit_lines.py for the cases.
"""

from __future__ import annotations

from transformer.schema.batch import MarcBatch, Rendered
from transformer.writers import lines


def render(batch: MarcBatch) -> Rendered:
    """Records of the batch as lines."""
    return lines.render(batch, sequential=False)
