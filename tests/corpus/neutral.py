"""Records in one neutral shape, from us and from pymarc, so that they can be compared with ==.

A record is (leader, fields); a control field (tag, value); a data field (tag, ind1, ind2, subfields);
a subfield (code, value).
"""

from __future__ import annotations

from typing import Any

import pymarc

from transformer import marc
from transformer.schema.batch import MarcBatch

Record = tuple[str, list[tuple[Any, ...]]]

# Positions of the leader that must be equal; the rest are lengths and the character coding.
LEADER_KEPT = [i for i in range(24) if i not in (0, 1, 2, 3, 4, 9, 12, 13, 14, 15, 16)]


def kept(leader: str) -> str:
    """The leader without its lengths and 09."""
    return "".join(leader[i] for i in LEADER_KEPT)


def of_batch(batch: MarcBatch, record: int) -> Record:
    """One record of a batch, by plain slicing. A delimiter with nothing behind it is left out, as
    pymarc leaves it out."""

    def piece(start: int, length: int) -> bytes:
        buffer, at = (batch.data, start) if start >= 0 else (batch.added, -1 - start)
        return bytes(buffer[at : at + length])

    fields: list[tuple[Any, ...]] = []
    for field in range(int(batch.field_from[record]), int(batch.field_from[record + 1])):
        raw = piece(int(batch.start[field]), int(batch.length[field]))
        tag = marc.unpack_tag(int(batch.tag[field]))
        if batch.control[field]:
            fields.append((tag, raw.decode()))
            continue
        head, *rest = raw.decode().split("\x1f")
        subfields = [(text[0], text[1:]) for text in rest if text]
        fields.append((tag, (head + "  ")[0], (head + "  ")[1], subfields))
    return piece(int(batch.leader[record]), 24).decode(), fields


def of_pymarc(record: pymarc.Record) -> Record:
    """A pymarc record in the same shape."""
    fields: list[tuple[Any, ...]] = []
    for field in record.fields:
        if field.control_field:
            fields.append((field.tag, field.data))
        else:
            subfields = [(s.code, s.value) for s in field.subfields]
            fields.append((field.tag, *field.indicators, subfields))
    return str(record.leader), fields
