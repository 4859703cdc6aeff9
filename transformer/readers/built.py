"""Batches built field by field in Python, for records that no kernel reads."""

from __future__ import annotations

import re
from typing import Final

import numpy as np

from transformer.marc import LEADER_LENGTH, pack_tag
from transformer.schema.batch import I64, MarcBatch, Spans

LEADER_LEAST: Final = 20
_DELIMITERS: Final = re.compile("[\x1d-\x1f]")
_TAG: Final = re.compile(r"[ -~]{3}")
# As in kernels/iso2709.py: control characters are let through, but not ESC and the delimiters.
_LEADER: Final = re.compile(r"[\x00-\x1a\x1c\x20-\x7f]*")
Note = tuple[str, int, str, str]
Field = tuple[int, bool, bytes]
"""Packed tag, whether it is a control field, its bytes in the inner form."""


class Refused(Exception):
    """The record cannot be taken; `reason` is one of REASONS."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Notes:
    """Findings about one record; `repaired` if one of them changed what it says."""

    def __init__(self, record_no: int) -> None:
        self.record_no = record_no
        self.found: list[Note] = []
        self.repaired = False

    def add(self, code: str, tag: str, detail: str = "", *, repaired: bool = False) -> None:
        """One more finding."""
        self.found.append((code, self.record_no, tag, detail))
        self.repaired |= repaired


def packed(tag: str) -> int:
    """The packed tag. Raises Refused where it is not three printable ASCII characters."""
    if not _TAG.fullmatch(tag):
        raise Refused("json-structure")
    return pack_tag(tag)


def clean(value: str, tag: str, notes: Notes) -> str:
    """The value without the characters that the inner form takes for structure."""
    if _DELIMITERS.search(value):
        notes.add("delimiter-in-value", tag, repaired=True)
        return _DELIMITERS.sub(" ", value)
    return value


def leader_of(value: str, notes: Notes) -> bytes:
    """24 bytes. Raises Refused where they cannot be had; see kernels/text_lines.py for what is mended."""
    if len(value) > LEADER_LENGTH and not value[LEADER_LENGTH:].strip(" "):
        notes.add("leader-padded", "LDR", repaired=True)
        value = value[:LEADER_LENGTH]
    if not LEADER_LEAST <= len(value) <= LEADER_LENGTH or not _LEADER.fullmatch(value):
        raise Refused("leader")
    if len(value) < LEADER_LENGTH:
        notes.add("leader-short", "LDR", repaired=True)
    return value.ljust(LEADER_LENGTH).encode()


def batch_of(records: list[tuple[int, bytes, list[Field]]], found: Spans) -> MarcBatch:
    """A batch of (index of the span, leader, fields)."""
    pieces: list[bytes] = []
    at, count = 0, 0
    leader, field_from = [], [0]
    tag, start, length, control = [], [], [], []
    for _, text, fields in records:
        leader.append(at)
        pieces.append(text)
        at += len(text)
        for packed_tag, is_control, inner in fields:
            tag.append(packed_tag)
            control.append(is_control)
            start.append(at)
            length.append(len(inner))
            pieces.append(inner)
            # Terminators, so that a writer can copy whole records in one run.
            pieces.append(b"\x1e")
            at += len(inner) + 1
        count += len(fields)
        field_from.append(count)
    span: I64 = np.array([index for index, _, _ in records], np.int64)
    return MarcBatch(
        data=np.frombuffer(bytearray(b"".join(pieces)), np.uint8),
        added=np.empty(0, np.uint8),
        record_no=found.record_no[span],
        leader=np.array(leader, np.int64),
        field_from=np.array(field_from, np.int64),
        byte_start=found.byte_start[span],
        byte_count=found.byte_count[span],
        tag=np.array(tag, np.uint32),
        start=np.array(start, np.int64),
        length=np.array(length, np.int32),
        control=np.array(control, np.uint8),
    )
