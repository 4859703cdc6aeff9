"""Make records conform to the MARC 21 slim schema, and tell every change.

Used by `run`, never by `convert` (which carries all over as it is). A bad indicator becomes blank; a
control field behind data fields moves before them; a field with a code or tag that the schema does not
know is left out, its whole text in the note, so that nothing is lost without a trace; a leader character
that the schema does not allow becomes what is usual there. Alma would refuse the file otherwise.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from transformer import marc
from transformer.schema.batch import MarcBatch

Note = tuple[str, int, str, str]

_LEADER: Final = re.compile(
    rb"[0-9 ]{5}[0-9A-Za-z ][0-9A-Za-z][0-9A-Za-z ]{3}[2 ][2 ][0-9 ]{5}[0-9A-Za-z ]{3}(4500|    )"
)
# What stands in for a character that the schema does not allow, by position.
_USUAL: Final = b"00000nam a2200000   4500"
_ENTRY_MAP: Final = 20
_TOLD: Final = (*range(5, 12), *range(17, _ENTRY_MAP))
"""Positions before the entry map that are no numbers."""


def _allowed() -> npt.NDArray[np.bool_]:
    """bool[20, 256]: the bytes that may stand at each position before the entry map; any in its numbers."""
    table = np.ones((_ENTRY_MAP, 256), bool)
    for position in _TOLD:
        for byte in range(256):
            trial = bytearray(_USUAL)
            trial[position] = byte
            table[position, byte] = _LEADER.fullmatch(trial) is not None
    return table


_ALLOWED: Final = _allowed()


def conform(batch: MarcBatch) -> tuple[MarcBatch, tuple[Note, ...]]:
    """The batch with every departure mended, and notes (issue code, record index, tag, detail)."""
    from transformer.kernels import conform as kernels

    flags = np.zeros(batch.field_count, np.uint8)
    found = kernels.flag_departures(
        batch.data,
        batch.added,
        batch.field_from,
        batch.tag,
        batch.start,
        batch.length,
        batch.control,
        kernels.INDICATORS,
        kernels.CODES,
        kernels.TAG_CLASS,
        flags,
    )
    leaders = _bad_leaders(batch)
    if not found and not leaders:
        return batch, ()
    notes: list[Note] = []
    mended = _mend_leaders(batch, leaders, notes) if leaders else batch
    if found:
        mended = _mend_fields(mended, flags, notes)
    return mended, tuple(sorted(notes, key=lambda note: note[1]))


def inner(batch: MarcBatch, field: int) -> bytes:
    """The bytes of a field, from whichever buffer holds them."""
    start, length = int(batch.start[field]), int(batch.length[field])
    if start >= 0:
        return batch.data[start : start + length].tobytes()
    return batch.added[-1 - start : -1 - start + length].tobytes()


def leader(batch: MarcBatch, record: int) -> bytes:
    """The 24 bytes of a record's leader."""
    start = int(batch.leader[record])
    buffer, at = (batch.data, start) if start >= 0 else (batch.added, -1 - start)
    return buffer[at : at + marc.LEADER_LENGTH].tobytes()


def _bad_leaders(batch: MarcBatch) -> list[int]:
    """Records whose leader departs, but for its numbers, which the writer fills in."""
    good, usual, blank = (np.ones(batch.record_count, bool) for _ in range(3))
    unimarc = good.copy()
    for position in (*_TOLD, *range(_ENTRY_MAP, marc.LEADER_LENGTH)):
        byte = batch.leader_byte(position)
        if position < _ENTRY_MAP:
            good &= _ALLOWED[position, byte]
            continue
        usual &= byte == _USUAL[position]
        blank &= byte == 0x20
        unimarc &= byte == b"450 "[position - _ENTRY_MAP]
    # UNIMARC's leader is no matter of this schema.
    bad: list[int] = np.flatnonzero(~(good & (usual | blank) | unimarc)).tolist()
    return bad


def _mend_leaders(batch: MarcBatch, bad: list[int], notes: list[Note]) -> MarcBatch:
    offsets, pieces, at = batch.leader.copy(), [batch.added], len(batch.added)
    for record in bad:
        text = leader(batch, record)
        mended = bytearray(text)
        for position in range(marc.LEADER_LENGTH):
            trial = bytearray(_USUAL)
            trial[position] = text[position]
            if position < 20 and not _LEADER.fullmatch(bytes(trial)):
                mended[position] = _USUAL[position]
        mended[20:24] = _USUAL[20:24]
        pieces.append(np.frombuffer(bytes(mended), np.uint8))
        offsets[record] = -1 - at
        at += marc.LEADER_LENGTH
        notes.append(("marc-leader", record, "LDR", text.decode("utf-8", "replace")))
    return replace(batch, leader=offsets, added=np.concatenate(pieces))


def _mend_fields(batch: MarcBatch, flags: np.ndarray, notes: list[Note]) -> MarcBatch:
    from transformer.kernels import conform as kernels

    record_of = np.repeat(np.arange(batch.record_count), np.diff(batch.field_from))
    start, pieces, at = batch.start.copy(), [batch.added], len(batch.added)
    length = batch.length.copy()
    drop = np.zeros(batch.field_count, bool)
    for field in np.flatnonzero(flags).tolist():
        record, tag, text = int(record_of[field]), marc.unpack_tag(int(batch.tag[field])), inner(batch, field)
        if flags[field] & (kernels.BAD_TAG | kernels.BAD_CODE):
            drop[field] = True
            code = "marc-tag" if flags[field] & kernels.BAD_TAG else "marc-code"
            notes.append((code, record, tag, _readable(text)))
            continue
        if flags[field] & kernels.BAD_INDICATOR:
            good = bytes(b if kernels.INDICATORS[b] else 32 for b in text[:2].ljust(2)) + text[2:]
            pieces.append(np.frombuffer(good, np.uint8))
            start[field], length[field] = -1 - at, len(good)
            at += len(good)
            notes.append(("marc-indicator", record, tag, _readable(text[:2])))
        if flags[field] & kernels.CONTROL_AFTER_DATA:
            notes.append(("marc-order", record, tag, "a control field stood behind data fields"))
    keep = np.flatnonzero(~drop)
    # Stable: records stay in order, and in each the control fields come first.
    order = keep[np.lexsort((batch.control[keep] == 0, record_of[keep]))]
    counts = np.bincount(record_of[order], minlength=batch.record_count)
    return replace(
        batch,
        added=np.concatenate(pieces),
        field_from=np.concatenate(([0], np.cumsum(counts))).astype(np.int64),
        tag=batch.tag[order],
        start=start[order],
        length=length[order],
        control=batch.control[order],
    )


def _readable(text: bytes) -> str:
    """A field's inner form as people write it, with $ for the delimiter."""
    return text.decode("utf-8", "replace").replace("\x1f", "$")
