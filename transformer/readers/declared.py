"""What records say of their own encoding, and saying it anew of those that were decoded.

MARC 21: leader/09, `a` for Unicode, blank for MARC-8. UNIMARC: four characters of 100 $a name the sets of the
bytes below and above 0x80, the next four further ones; Unicode is `50` and blanks (UNIMARC Manual). In bibs
they are 26-33, in authorities 13-20. UNIMARC is told from MARC 21 by a field 100 $a that begins with a date,
with a 200 and no 245 in bibs, leader/06 x, y or z in authorities.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from transformer import marc
from transformer.extracts.charsets import ASCII, UNIMARC_CODES, UTF8
from transformer.kernels.utf8 import TEXT_ESCAPE, TEXT_GOOD
from transformer.schema.batch import U8, MarcBatch

Truths = npt.NDArray[np.bool_]

_BIB_SETS: Final = 26
_AUTHORITY_SETS: Final = 13
_SETS: Final = 8
_UNICODE: Final = b"50      "
_AUTHORITIES: Final = b"xyz"
_HEAD: Final = 4
"""Bytes of the field before the text of $a: indicators, delimiter, code."""
_100, _200, _245 = (marc.pack_tag(tag) for tag in ("100", "200", "245"))


def sets_named(general: bytes) -> str:
    """The encoding that the four characters mean: a name of `extracts.charsets`, "" where they mean none."""
    lower, upper = (UNIMARC_CODES.get(general[at : at + 2].decode("latin-1"), "") for at in (0, 2))
    if UTF8 in (lower, upper):
        return UTF8
    if upper in ("", ASCII):
        return lower
    return upper if lower in ("", ASCII, upper) else f"{lower}+{upper}"


def sets_at(field: bytes, record_type: bytes, is_bib: bool) -> int:
    """Where in a field 100 the sets stand; -1 where it is no general data of UNIMARC."""
    if field[2:_HEAD] != b"\x1fa" or not field[_HEAD : _HEAD + 8].isdigit():
        return -1
    if record_type and record_type in _AUTHORITIES:
        place = _AUTHORITY_SETS
    elif is_bib:
        place = _BIB_SETS
    else:
        return -1
    text = field[_HEAD:].split(b"\x1f")[0]
    return _HEAD + place if len(text) >= place + _SETS else -1


def unimarc_sets(batch: MarcBatch) -> list[tuple[int, int, bytes, int]]:
    """(record, field, its bytes, where in them the sets stand) of every record that is UNIMARC."""
    general = np.flatnonzero(batch.tag == _100)
    general = general[(batch.control[general] == 0) & (batch.length[general] > _HEAD)]
    # 100 is a person in MARC 21, so most have no date here and are not looked at one by one.
    general = general[_has_date(batch, general)]
    owner = np.searchsorted(batch.field_from, general, side="right") - 1
    found = []
    for field, record in zip(general.tolist(), owner.tolist(), strict=True):
        text = _bytes(batch, int(batch.start[field]), int(batch.length[field]))
        kind = _bytes(batch, int(batch.leader[record]), marc.LEADER_LENGTH)[marc.RECORD_TYPE_AT :][:1]
        # The tags are looked at last: most of these fields are of persons after all.
        if sets_at(text, kind, True) >= 0 and (place := sets_at(text, kind, _is_bib(batch, record))) >= 0:
            found.append((record, field, text, place))
    return found


def _bytes(batch: MarcBatch, start: int, length: int) -> bytes:
    source, at = (batch.data, start) if start >= 0 else (batch.added, -1 - start)
    return source[at : at + length].tobytes()


def _is_bib(batch: MarcBatch, record: int) -> bool:
    """True for a record with a 200 and no 245."""
    tags = batch.tag[batch.field_from[record] : batch.field_from[record + 1]]
    return bool((tags == _200).any()) and not (tags == _245).any()


def _has_date(batch: MarcBatch, fields: npt.NDArray[np.int64]) -> Truths:
    """bool[N], fields whose first subfield is a and begins with a digit."""
    code, digit = (_byte(batch, batch.start[fields], place) for place in (_HEAD - 1, _HEAD))
    has: Truths = (code == ord("a")) & (digit >= ord("0")) & (digit <= ord("9"))
    return has


def _byte(batch: MarcBatch, start: npt.NDArray[np.int64], place: int) -> U8:
    """uint8[N], the byte at a place of some fields."""
    byte, inside = np.empty(len(start), np.uint8), start >= 0
    byte[inside] = batch.data[start[inside] + place]
    byte[~inside] = batch.added[-1 - start[~inside] + place]
    return byte


def say_unicode(batch: MarcBatch, decoded: Truths) -> MarcBatch:
    """The batch whose decoded records (bool[R]) say that they are Unicode, new bytes behind `added`."""
    from transformer.kernels.leaders import put_unicode_leaders

    marc21 = decoded.copy()
    pieces, end = [batch.added], len(batch.added)
    start = batch.start.copy()
    for record, field, text, place in unimarc_sets(batch):
        marc21[record] = False
        said = text[:place] + _UNICODE + text[place + _SETS :]
        if decoded[record] and said != text:
            pieces.append(np.frombuffer(said + b"\x1e", np.uint8))
            start[field] = -1 - end
            end += len(said) + 1
    leader, out = batch.leader.copy(), np.empty(marc.LEADER_LENGTH * int(marc21.sum()), np.uint8)
    used = put_unicode_leaders(batch.data, batch.added, batch.leader, marc21.view(np.uint8), out, end, leader)
    if used:
        pieces.append(out[:used])
    added = np.concatenate(pieces) if len(pieces) > 1 else batch.added
    return replace(batch, added=added, start=start, leader=leader)


def designated(batch: MarcBatch, texts: U8, encoding: str, forced: bool) -> tuple[MarcBatch, U8]:
    """(batch, texts) for a file whose bytes below 0x80 are another set than ASCII, e.g. Cyrillic.

    The kernel reads such a set where an escape sequence names it; so one is put behind each subfield code, in
    the records that declare the encoding, or in all where it is forced. Leader, control fields and tags below
    200 are in ISO 646 always (UNIMARC Manual, appendix J). Everything else comes back as it was.
    """
    from transformer.extracts.code_tables import lower_final

    final = lower_final(encoding)
    if not final:
        return batch, texts
    wanted = np.full(batch.record_count, forced)
    for record, _, text, place in unimarc_sets(batch):
        wanted[record] |= sets_named(text[place : place + _SETS // 2]) == encoding
    escape = b"\x1b(" + bytes([final])
    owner = np.repeat(np.arange(batch.record_count), np.diff(batch.field_from))
    pieces, end = [batch.added], len(batch.added)
    start, length = batch.start.copy(), batch.length.copy()
    for field in np.flatnonzero(wanted[owner] & (batch.control == 0) & (batch.tag >= _200)).tolist():
        at = int(start[field])
        source, at = (batch.data, at) if at >= 0 else (batch.added, -1 - at)
        head, *subfields = source[at : at + int(length[field])].tobytes().split(b"\x1f")
        text = b"\x1f".join([head, *(part[:1] + escape + part[1:] for part in subfields)])
        pieces.append(np.frombuffer(text + b"\x1e", np.uint8))
        start[field], length[field] = -1 - end, len(text)
        end += len(text) + 1
    texts = np.where(wanted & (texts == TEXT_GOOD), TEXT_ESCAPE, texts).astype(np.uint8)
    return replace(batch, added=np.concatenate(pieces), start=start, length=length), texts
