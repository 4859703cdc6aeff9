"""Records too long for ISO 2709, written as several; fields too long for it, as several of the same tag.

ISO 2709 says lengths in five digits for a record and four for a field. By default what is longer is set
aside (`writers.iso2709`); with `split_long` it is divided here, and every length written is true.

**A record** becomes parts with the same leader and the same head; every other field stands in exactly one
part, in source order, as many in each part as fit. The head: all control fields (001 joins the parts, 008
and the rest make each part readable alone), fields 1XX, the title (the first 245, else the first 200 of
UNIMARC) and in holdings the first 852. Reasons: loaders and displays ask for main entry and title, UNIMARC
says its character set in 100, and a holdings record without 852 has no location; all these stand once in a
record, so the whole is found again as the first part and, of the others, what is not head. Numbers (010,
020, 035) and all else are not repeated, since a field that stands twice cannot be told from a repeated one.

How others do it: the writer of the POD aggregator repeats leader and 001 alone (custom_marc_writer.rb in
pod4lib/aggregator), which gives parts without title and 008; ruby-marc refuses, or writes 00000 for a length;
pymarc 5.4 writes six digits where five belong, so that the directory is shifted; one library system leaves
items out of its export (its maker's page "Limit on size of exported bib record"). Fields are cut by loaders
and MARC Global ("Split long tags") at a subfield or between words, as here.

**A field** is cut between subfields; a subfield too long by itself behind a blank, and goes on under its
code. The blank stays with the words before it, so the pieces put together are the value, byte for byte. A
control field, a subfield without blanks, or text before the first subfield that is too long alone cannot be
cut: the record fails with `field-too-long`. One whose head leaves no room fails with `record-too-long`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from transformer.marc import (
    ENTRY_LENGTH,
    FIELD_TERMINATOR,
    HOLDINGS_TYPES,
    LEADER_LENGTH,
    MAX_FIELD_BYTES,
    MAX_RECORD_BYTES,
    MIN_RECORD_BYTES,
    RECORD_TYPE_AT,
    SUBFIELD_DELIMITER,
    pack_tag,
    unpack_tag,
)
from transformer.schema.batch import I64, U8, MarcBatch, Rendered

LONG: Final = frozenset(("record-too-long", "field-too-long"))
"""What a record may have failed with to be tried here."""

_DELIMITER: Final = bytes([SUBFIELD_DELIMITER])
_END: Final = bytes([FIELD_TERMINATOR])
_FIELD_MOST: Final = MAX_FIELD_BYTES - 1
_FEWEST: Final = 64
"""Bytes below which a piece is not made smaller: its encoding, not its length, is the trouble."""
_MARKS: Final = (0xCC, 0xCD)
"""First bytes of U+0300 to U+037F: a piece must not begin with a mark."""

Encode = Callable[[MarcBatch], MarcBatch]
Note = tuple[str, int, str, str]


class _TooLong(Exception):
    """The record cannot be divided; `args[0]` is the issue code."""


def split_failed(
    batch: MarcBatch, rendered: Rendered, emit: Callable[[MarcBatch], Rendered], encode: Encode | None = None
) -> Rendered:
    """`rendered` with the records that failed for their length written as parts, where that is possible.

    batch: what was rendered, in UTF-8. encode: gives a batch in the encoding that is written, the same
    fields in the same order; None for UTF-8. emit: renders an encoded batch. Notes: `record-split` (how
    many records it became), `field-split` (tag, how many fields). Where a record cannot be divided it stays
    failed, with the code that says why.
    """
    pieces: list[U8] = []
    added = np.zeros(batch.record_count, np.int64)
    failed, notes, parts, at = [], list(rendered.notes), rendered.part_count, 0
    for record, code in rendered.failed:
        if code not in LONG:
            failed.append((record, code))
            continue
        try:
            divided, told = _divided(batch, record, encode)
            made = emit(divided)
            if made.failed:
                raise _TooLong(made.failed[0][1])
        except _TooLong as error:
            failed.append((record, error.args[0]))
            continue
        end = int(rendered.ends[record])
        pieces += [rendered.data[at:end], made.data]
        at, added[record] = end, len(made.data)
        parts += divided.record_count - 1
        notes += told
    if not pieces:
        return replace(rendered, failed=tuple(failed))
    data = np.concatenate([*pieces, rendered.data[at:]])
    return Rendered(data, rendered.ends + np.cumsum(added), tuple(failed), tuple(notes), parts)


def _divided(batch: MarcBatch, record: int, encode: Encode | None) -> tuple[MarcBatch, list[Note]]:
    """(a batch whose records are the parts of one record, encoded; what was done, as notes)."""
    whole, origin = _in_short_fields(batch, record, encode)
    count = np.bincount(origin)
    notes = [
        ("field-split", record, unpack_tag(int(batch.tag[batch.field_from[record] + field])), f"{n} fields")
        for field, n in enumerate(count.tolist())
        if n > 1
    ]
    parts = list(_parts(whole, _head(whole, count[origin] > 1)))
    if len(parts) > 1:
        notes.insert(0, ("record-split", record, "", f"{len(parts)} records"))
    chosen = np.concatenate(parts)
    same = np.zeros(len(parts), np.int64)
    divided = replace(
        whole,
        record_no=whole.record_no[same],
        leader=whole.leader[same],
        byte_start=whole.byte_start[same],
        byte_count=whole.byte_count[same],
        field_from=np.cumsum([0, *map(len, parts)]).astype(np.int64),
        tag=whole.tag[chosen],
        start=whole.start[chosen],
        length=whole.length[chosen],
        control=whole.control[chosen],
    )
    return divided, notes


def _parts(whole: MarcBatch, head: npt.NDArray[np.bool_]) -> Iterator[I64]:
    """Fields of each part, in source order; the head is in all of them."""
    cost = whole.length.astype(np.int64) + 1 + ENTRY_LENGTH
    room = MAX_RECORD_BYTES - MIN_RECORD_BYTES - int(cost[head].sum())
    rest = np.flatnonzero(~head)
    if room < 0 or (len(rest) and int(cost[rest].max()) > room):
        raise _TooLong("record-too-long")
    heads = np.flatnonzero(head)
    end, at = np.cumsum(cost[rest]), 0
    while True:
        before = int(end[at - 1]) if at else 0
        last = int(np.searchsorted(end, before + room, side="right"))
        yield np.sort(np.concatenate((heads, rest[at:last])))
        at = last
        if at == len(rest):
            return


def _head(whole: MarcBatch, cut: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """Which fields every part repeats (see the module); none that had to be cut."""
    tag = whole.tag
    head: npt.NDArray[np.bool_] = (whole.control == 1) | ((tag >= pack_tag("100")) & (tag <= pack_tag("199")))
    once = ["245" if (tag == pack_tag("245")).any() else "200"]
    if chr(_bytes(whole, int(whole.leader[0]), LEADER_LENGTH)[RECORD_TYPE_AT]) in HOLDINGS_TYPES:
        once.append("852")
    for name in once:
        head[np.flatnonzero(tag == pack_tag(name))[:1]] = True
    head[cut] = False
    return head


def _in_short_fields(batch: MarcBatch, record: int, encode: Encode | None) -> tuple[MarcBatch, I64]:
    """(a batch of this record alone, encoded, no field too long; the field each of its fields is of)."""
    begin, end = int(batch.field_from[record]), int(batch.field_from[record + 1])
    fields = [_bytes(batch, int(batch.start[f]), int(batch.length[f])) for f in range(begin, end)]
    most = [_FIELD_MOST] * len(fields)
    while True:
        pieces = [
            (number, piece)
            for number, field in enumerate(fields)
            for piece in _cut(field, most[number], bool(batch.control[begin + number]))
        ]
        origin = np.array([number for number, _ in pieces], np.int64)
        whole = _one_record(batch, record, origin + begin, [piece for _, piece in pieces])
        if encode is not None:
            whole = encode(whole)
        # In another encoding a piece may be longer: smaller ones then.
        long = np.unique(origin[whole.length > _FIELD_MOST])
        if not len(long):
            return whole, origin
        for number in long.tolist():
            most[number] //= 2
            if most[number] < _FEWEST:
                raise _TooLong("field-too-long")


def _one_record(batch: MarcBatch, record: int, of: I64, pieces: list[bytes]) -> MarcBatch:
    """A batch of one record: its leader, and as fields the pieces, with the tags of fields `of`."""
    leader = _bytes(batch, int(batch.leader[record]), LEADER_LENGTH)
    length = np.array([len(piece) for piece in pieces], np.int32)
    return MarcBatch(
        data=np.frombuffer(bytearray(leader + b"".join(piece + _END for piece in pieces)), np.uint8),
        added=np.empty(0, np.uint8),
        record_no=batch.record_no[record : record + 1],
        leader=np.zeros(1, np.int64),
        field_from=np.array([0, len(pieces)], np.int64),
        byte_start=batch.byte_start[record : record + 1],
        byte_count=batch.byte_count[record : record + 1],
        tag=batch.tag[of],
        start=LEADER_LENGTH + np.cumsum([0, *(length + 1)], dtype=np.int64)[:-1],
        length=length,
        control=batch.control[of],
    )


def _bytes(batch: MarcBatch, start: int, length: int) -> bytes:
    if start >= 0:
        return batch.data[start : start + length].tobytes()
    return batch.added[-1 - start : -1 - start + length].tobytes()


def _cut(inner: bytes, most: int, control: bool) -> list[bytes]:
    """A field in pieces of at most `most` bytes, each with its indicators; itself where it is short."""
    if len(inner) <= most:
        return [inner]
    indicators = inner[:2]
    if control or not indicators.isascii() or _DELIMITER in indicators:
        raise _TooLong("field-too-long")
    before, *subfields = inner[2:].split(_DELIMITER)
    texts = [before] if before else []
    for subfield in subfields:
        texts += _cut_subfield(_DELIMITER + subfield, most - 2)
    if any(len(text) > most - 2 for text in texts):
        raise _TooLong("field-too-long")
    pieces: list[bytes] = []
    for text in texts:
        if pieces and len(pieces[-1]) + len(text) <= most:
            pieces[-1] += text
        else:
            pieces.append(indicators + text)
    return pieces


def _cut_subfield(subfield: bytes, most: int) -> Iterator[bytes]:
    """A subfield, delimiter and code first, in pieces of at most `most` bytes that all begin with these."""
    code = subfield[1:].decode()[:1].encode()
    name, text = _DELIMITER + code, subfield[1 + len(code) :]
    room = most - len(name)
    while len(text) > room:
        at = text.rfind(b" ", 0, room)
        while at >= 0 and at + 1 < len(text) and text[at + 1] in _MARKS:
            at = text.rfind(b" ", 0, at)
        if at < 0:
            raise _TooLong("field-too-long")
        yield name + text[: at + 1]
        text = text[at + 1 :]
    yield name + text
