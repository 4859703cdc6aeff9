"""MARCXML records to the inner form of ISO 2709, for the regular XML that tools write.

What the kernel takes: any prefix, the same on all elements of a record; attributes in any order, in
either quotes, with any white space around, and one more of another name (on `record`: any number); the
five predefined entities, character references, CDATA and comments in text, comments between elements;
line ends CR LF and CR, which become LF; elements without content. Values keep their white space.

What it declines, with nothing written: everything else. Other elements, other entities, processing
instructions, missing or repeated attributes, a leader that is missing or not 24 printable ASCII
characters, text between elements, and all that is not well-formed. A full XML parser reads those again
and says what they are; so this kernel must never accept what that parser would refuse, or read it
differently. Namespaces alone are not looked at.

The text of a record never grows: `<subfield code="a">` is longer than the two bytes it becomes, and a
reference is longer than its character. So `out` needs the bytes of the records and WIDTH more.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from transformer.kernels.bytesops import load8
from transformer.kernels.jit import inlined, kernel
from transformer.kernels.marcxml_tags import (
    CONTROL,
    DATA,
    LEADER,
    SUBFIELD,
    attributes,
    element_at,
    end_tag,
    is_printable,
    record_open,
    word_of,
)
from transformer.kernels.marcxml_text import (
    BAD,
    CLEAN,
    FORBIDDEN,
    NOT_UTF8,
    check_characters,
    comment_end,
    put_text,
    skip_space,
)
from transformer.schema.batch import I32, I64, U8, U32

TAKEN: Final = CLEAN
DECLINED: Final = 1
FULL: Final = 4
"""Status of a record, with NOT_UTF8 and FORBIDDEN. FULL: the arrays are too small, nothing was written."""
__all__ = [
    "DECLINED",
    "FIELD_BYTES_LEAST",
    "FORBIDDEN",
    "FULL",
    "NOT_UTF8",
    "TAKEN",
    "WIDTH",
    "parse_records",
]

WIDTH: Final = 64
FIELD_BYTES_LEAST: Final = 24
"""No element that becomes a field is shorter: `<controlfield tag="001"/>` has 25 bytes."""

_LT: Final = 0x3C
_GT: Final = 0x3E
_SLASH: Final = 0x2F
_BANG: Final = 0x21
_AMP: Final = 0x26
_CODE_IS: Final = word_of(b' code="')
_SEVEN: Final = np.uint64(0xFFFFFFFFFFFFFF)


@inlined
def subfield(b, i, end, lo, prefix, out, o):  # type: ignore[no-untyped-def]
    """A subfield whose name ends at b[i], into `out`: (index after its end tag or BAD, index in out)."""
    out[o] = 0x1F
    # As most tools write it: ` code="a">`, 10 bytes.
    if i + 10 < end and load8(b, i) & _SEVEN == _CODE_IS and b[i + 8] == 0x22 and b[i + 9] == _GT:
        c = b[i + 7]
        if not is_printable(c) or c in (_LT, _AMP) or c == 34:
            return BAD, o
        out[o + 1] = c
        o += 2
        i += 10
    else:
        i, closed, _, _, code, code_bytes = attributes(b, i, end)
        if i == BAD or code < 0:
            return BAD, o
        for k in range(code_bytes):
            out[o + 1 + k] = b[code + k]
        o += 1 + code_bytes
        if closed:
            return i, o
    i, o = put_text(b, i, end, out, o)
    return (BAD if i < 0 else end_tag(b, i, end, lo, prefix, SUBFIELD)), o


@kernel
def data_field(
    b: U8, i: int, end: int, lo: int, prefix: int, out: U8, o: int
) -> tuple[int, int, int]:  # fmt: skip
    """A datafield whose name ends at b[i]: (index after its end tag or BAD, index in out, tag)."""
    i, closed, tag, both, _, _ = attributes(b, i, end)
    if i == BAD or tag < 0 or both < 0:
        return BAD, o, 0
    out[o] = both >> 8
    out[o + 1] = both & 0xFF
    o += 2
    while not closed:
        i = skip_space(b, i, end)
        if i + 2 >= end or b[i] != _LT:
            return BAD, o, 0
        if b[i + 1] == _SLASH:
            return end_tag(b, i, end, lo, prefix, DATA), o, tag
        if b[i + 1] == _BANG:
            i = comment_end(b, i, end)
        elif element_at(b, i + 1, end, lo, prefix) == SUBFIELD:
            i, o = subfield(b, i + 1 + prefix + SUBFIELD, end, lo, prefix, out, o)
        else:
            return BAD, o, 0
        if i == BAD:
            return BAD, o, 0
    return i, o, tag


@kernel
def leaf(
    b: U8, i: int, end: int, lo: int, prefix: int, element: int, out: U8, o: int
) -> tuple[int, int, int]:  # fmt: skip
    """A leader or controlfield whose name ends at b[i]. As `data_field`; the leader's tag is 0."""
    i, closed, tag, _, _, _ = attributes(b, i, end)
    if i == BAD or (tag < 0 and element == CONTROL):
        return BAD, o, 0
    start = o
    if not closed:
        i, o = put_text(b, i, end, out, o)
        if i == BAD:
            return BAD, o, 0
        i = end_tag(b, i, end, lo, prefix, element)
    if element == LEADER:
        tag = 0
        good = o - start == 24
        for k in range(start, o):
            good = good and is_printable(out[k])
        if not good:
            return BAD, o, 0
    return i, o, tag


@kernel
def parse_record(
    b: U8, lo: int, end: int, out: U8, o: int, f: int, tag: U32, start: I64, length: I32, control: U8
) -> tuple[int, int, int, int]:
    """One record, b[lo:end], into `out` from `o` and the field arrays from `f` on.

    (status, index in out, number of the next field, offset of the leader in out).
    """
    status = check_characters(b, lo, end)
    if status != TAKEN:
        return status, o, f, 0
    i, prefix = record_open(b, lo, end)
    leader = -1
    while i != BAD:
        i = skip_space(b, i, end)
        if i + 8 > end or b[i] != _LT:
            break
        if b[i + 1] == _BANG:
            i = comment_end(b, i, end)
            continue
        if b[i + 1] == _SLASH:
            same = leader >= 0
            for k in range(prefix + 6):
                same = same and i + 2 + k < end and b[i + 2 + k] == b[lo + 1 + k]
            at = skip_space(b, i + 8 + prefix, end)
            if same and at == end - 1 and b[at] == _GT:
                return TAKEN, o, f, leader
            break
        element = element_at(b, i + 1, end, lo, prefix)
        at = o
        if element == DATA:
            i, o, packed = data_field(b, i + 1 + prefix + DATA, end, lo, prefix, out, o)
        elif element == CONTROL or (element == LEADER and leader < 0):
            i, o, packed = leaf(b, i + 1 + prefix + element, end, lo, prefix, element, out, o)
        else:
            break
        if i == BAD:
            break
        if element == LEADER:
            leader = at
            continue
        if f >= len(tag):
            return FULL, o, f, 0
        tag[f] = packed
        start[f] = at
        length[f] = o - at
        control[f] = element == CONTROL
        f += 1
    return DECLINED, o, f, 0


@kernel
def parse_records(
    b: U8, begin: I64, stop: I64, out: U8,
    status: U8, leader: I64, field_from: I64, tag: U32, start: I64, length: I32, control: U8,
) -> tuple[int, int]:  # fmt: skip
    """R records, record r at b[begin[r]:stop[r]], into `out` and the arrays: (bytes of out, fields).

    begin, stop: int64[R], rising, without overlap. out: uint8[sum of lengths + WIDTH]. status: uint8[R].
    leader: int64[R], offset in out. field_from: int64[R + 1]. tag, start, length, control: as in
    MarcBatch, room for F fields; sum of lengths // FIELD_BYTES_LEAST is enough. A record that is not
    TAKEN has no fields, leader 0, and nothing in out.
    """
    room = len(out) - WIDTH
    o = f = 0
    field_from[0] = 0
    for r in range(len(begin)):
        size = stop[r] - begin[r]
        if size > room - o or begin[r] < 0 or stop[r] > len(b) or size < 0:
            status[r] = FULL
        else:
            code, out_after, fields_after, leader[r] = parse_record(
                b, begin[r], stop[r], out, o, f, tag, start, length, control
            )
            status[r] = code
            if code == TAKEN:
                o, f = out_after, fields_after
        if status[r] != TAKEN:
            leader[r] = 0
        field_from[r + 1] = f
    return o, f
