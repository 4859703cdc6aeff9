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
_BLANK: Final = 0x20
_A: Final = ord("a")
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
    general = np.flatnonzero((batch.tag == _100) & (batch.control == 0) & (batch.length > _HEAD))
    # 100 is a person in MARC 21, so most have no digit here and are not looked at one by one.
    general = general[_is_digit(batch, general)]
    if not len(general):
        return []
    owner = np.repeat(np.arange(batch.record_count), np.diff(batch.field_from))
    has_title = _having(batch, owner, _200) & ~_having(batch, owner, _245)
    record_type = batch.leader_byte(marc.RECORD_TYPE_AT)
    found = []
    for field, record in zip(general.tolist(), owner[general].tolist(), strict=True):
        start = int(batch.start[field])
        source, at = (batch.data, start) if start >= 0 else (batch.added, -1 - start)
        text = source[at : at + int(batch.length[field])].tobytes()
        place = sets_at(text, bytes([record_type[record]]), bool(has_title[record]))
        if place >= 0:
            found.append((record, field, text, place))
    return found


def _is_digit(batch: MarcBatch, fields: npt.NDArray[np.int64]) -> Truths:
    """bool[N], fields whose first subfield begins with a digit."""
    start = batch.start[fields]
    byte, inside = np.empty(len(fields), np.uint8), start >= 0
    byte[inside] = batch.data[start[inside] + _HEAD]
    byte[~inside] = batch.added[-1 - start[~inside] + _HEAD]
    return (byte >= ord("0")) & (byte <= ord("9"))


def _having(batch: MarcBatch, owner: npt.NDArray[np.int64], tag: int) -> Truths:
    has = np.zeros(batch.record_count, np.bool_)
    has[owner[batch.tag == tag]] = True
    return has


def say_unicode(batch: MarcBatch, decoded: Truths) -> MarcBatch:
    """The batch whose decoded records (bool[R]) say that they are Unicode, new bytes behind `added`."""
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
    # The last character of the entry map: a zero in MARC 21, a blank in UNIMARC.
    marc21 &= batch.leader_byte(marc.LEADER_LENGTH - 1) != _BLANK
    wanted = np.flatnonzero(marc21 & (batch.leader_byte(marc.CHARACTER_CODING_AT) != _A))
    leader = batch.leader.copy()
    if len(wanted):
        leaders = _leaders(batch, wanted)
        leaders[:, marc.CHARACTER_CODING_AT] = _A
        pieces.append(leaders.reshape(-1))
        leader[wanted] = -1 - (end + marc.LEADER_LENGTH * np.arange(len(wanted)))
    return replace(batch, added=np.concatenate(pieces), start=start, leader=leader)


def _leaders(batch: MarcBatch, records: npt.NDArray[np.int64]) -> U8:
    """uint8[N, 24], the leaders of some records."""
    start, places = batch.leader[records, None], np.arange(marc.LEADER_LENGTH)
    leaders = np.empty((len(records), marc.LEADER_LENGTH), np.uint8)
    inside = start[:, 0] >= 0
    leaders[inside] = batch.data[start[inside] + places]
    leaders[~inside] = batch.added[-1 - start[~inside] + places]
    return leaders


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
