"""Text as the rules want it delivered: in NFC, and with something in place of what XML forbids.

By default a batch passes untouched: text keeps the form that it has, and the writer of MARCXML leaves out
what XML 1.0 forbids. Only fields that need it get new bytes, behind `added`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from transformer.extracts.composing import composed
from transformer.marc import SUBFIELD_DELIMITER, unpack_tag
from transformer.schema.batch import I64, U8, MarcBatch
from transformer.writers.conform import inner
from transformer.writers.marcxml import forbidden_in

Note = tuple[str, int, str, str]
_FIRST_MARK: Final = 0xCC
"""First byte of U+0300: nothing before it changes in NFC."""
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1e\ufffe\uffff]")
_DELIMITED: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_ALLOWED: Final = (0x09, 0x0A, 0x0D)


@dataclass(frozen=True, slots=True)
class TextForm:
    """nfc: compose letters and marks. forbidden: what stands for what XML forbids, "" for nothing."""

    nfc: bool = False
    forbidden: str = ""


AS_IT_IS: Final = TextForm()


def shaped(batch: MarcBatch, form: TextForm) -> tuple[MarcBatch, tuple[Note, ...]]:
    """The batch in that form, and notes (issue code, record index, tag, detail) of what XML forbids.

    Without `forbidden` nothing is noted here: the writer does, where it leaves characters out.
    """
    notes: list[Note] = []
    if form.forbidden:
        fields = _forbidden_fields(batch)
        texts = {}
        owner = np.repeat(np.arange(batch.record_count), np.diff(batch.field_from))
        for field in fields.tolist():
            control, raw = bool(batch.control[field]), inner(batch, field)
            pattern = _DELIMITED if control else _FORBIDDEN
            texts[field] = pattern.sub(form.forbidden, raw.decode()).encode()
            detail = forbidden_in(raw, delimiters=control)
            tag = unpack_tag(int(batch.tag[field]))
            notes.append(("xml-forbidden-character", int(owner[field]), tag, detail))
        batch = _with(batch, texts)
    if form.nfc:
        found = np.union1d(*(_at_least(batch, data, _FIRST_MARK) for data in (False, True)))
        texts = {field: composed(inner(batch, field)) for field in found.tolist()}
        batch = _with(batch, {field: text for field, text in texts.items() if text != inner(batch, field)})
    return batch, tuple(notes)


def _at_least(batch: MarcBatch, in_added: bool, byte: int) -> I64:
    data = batch.added if in_added else batch.data
    return batch.fields_at(np.flatnonzero(data >= byte), in_added)


def _forbidden_fields(batch: MarcBatch) -> I64:
    """Fields that hold what XML forbids; a delimiter in a data field is none."""
    found = []
    for data, in_added in ((batch.data, False), (batch.added, True)):
        places = np.flatnonzero(_forbidden_bytes(data))
        found.append(batch.fields_at(places, in_added))
        delimited = batch.fields_at(np.flatnonzero(data == SUBFIELD_DELIMITER), in_added)
        found.append(delimited[batch.control[delimited] != 0])
    fields: I64 = np.unique(np.concatenate(found))
    return fields


def _forbidden_bytes(data: U8) -> npt.NDArray[np.bool_]:
    """bool[n], bytes that begin a character which XML forbids; the delimiter is not among them."""
    low: npt.NDArray[np.bool_] = (data < 0x20) & (data != SUBFIELD_DELIMITER)
    for byte in _ALLOWED:
        low &= data != byte
    if len(data) >= 3:
        low[:-2] |= (data[:-2] == 0xEF) & (data[1:-1] == 0xBF) & (data[2:] >= 0xBE)
    return low


def _with(batch: MarcBatch, texts: dict[int, bytes]) -> MarcBatch:
    """The batch with new bytes for some fields."""
    if not texts:
        return batch
    start, length, end = batch.start.copy(), batch.length.copy(), len(batch.added)
    for field, text in texts.items():
        start[field], length[field] = -1 - end, len(text)
        end += len(text) + 1
    new = np.frombuffer(b"".join(text + b"\x1e" for text in texts.values()), np.uint8)
    return replace(batch, added=np.concatenate([batch.added, new]), start=start, length=length)
