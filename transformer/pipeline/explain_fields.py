"""Single MARC records as text: the fields of a record, and what each edit of the rules makes of them."""

from __future__ import annotations

import numpy as np

from transformer.extracts.model import Partition
from transformer.marc import LEADER_LENGTH, unpack_tag
from transformer.readers import read
from transformer.reports.explained import Pair
from transformer.schema.batch import MarcBatch


def read_record(partition: Partition) -> MarcBatch:
    """The record at a place, as a batch of one; empty where none stands there."""
    return read(partition).batch


def fields_of(batch: MarcBatch, record: int = 0) -> tuple[Pair, ...]:
    """(tag, text) of the fields, the leader first; `10 $aTitle$b...`, blanks among indicators as `_`."""
    leader = int(batch.leader[record])
    fields: list[Pair] = [("LDR", _bytes(batch, leader, LEADER_LENGTH).decode("utf-8", "replace"))]
    for at in range(int(batch.field_from[record]), int(batch.field_from[record + 1])):
        inner = _bytes(batch, int(batch.start[at]), int(batch.length[at])).decode("utf-8", "replace")
        fields.append((unpack_tag(int(batch.tag[at])), field_text(inner, bool(batch.control[at]))))
    return tuple(fields)


def field_text(inner: str, is_control: bool) -> str:
    r"""A field's inner form as a person writes it.

    >>> field_text("10\x1faWalden\x1fcThoreau", False)
    '10 $aWalden$cThoreau'
    """
    if is_control:
        return inner
    marks, *subfields = inner.split("\x1f")
    return f"{marks.replace(' ', '_')} {''.join('$' + part for part in subfields)}"


def _bytes(batch: MarcBatch, start: int, length: int) -> bytes:
    data, at = (batch.data, start) if start >= 0 else (batch.added, -1 - start)
    return np.ascontiguousarray(data[at : at + length]).tobytes()
