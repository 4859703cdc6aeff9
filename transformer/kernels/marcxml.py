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

from typing import Any, Final

import numpy as np

from transformer.kernels.bytesops import load8
from transformer.kernels.jit import inlined, kernel
from transformer.kernels.marcxml_boundary import is_space, word_at
from transformer.kernels.marcxml_text import (
    BAD,
    CLEAN,
    FORBIDDEN,
    NOT_UTF8,
    character_bytes,
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


def _word(text: bytes) -> np.uint64:
    """Up to eight bytes as the integer that `load8` would give."""
    return np.uint64(int.from_bytes(text, "little"))


_RECORD_WORD: Final = _word(b"record")
_LEADER_WORD: Final = _word(b"leader")
_DATAFIELD_WORD: Final = _word(b"datafiel")
_SUBFIELD_WORD: Final = _word(b"subfield")
_CONTROLFIELD_WORD: Final = _word(b"controlf")
_IELD: Final = _word(b"ield")
_TAG: Final = _word(b"tag")
_IND1: Final = _word(b"ind1")
_IND2: Final = _word(b"ind2")
_CODE: Final = _word(b"code")
_CODE_IS: Final = _word(b' code="')
_SIX: Final = np.uint64(0xFFFFFFFFFFFF)
_SEVEN: Final = np.uint64(0xFFFFFFFFFFFFFF)

_NONE, _LEADER, _CONTROL, _DATA, _SUBFIELD = 0, 6, 12, 9, 8
"""Elements, as the lengths of their names."""


@inlined
def is_printable(byte):  # type: ignore[no-untyped-def]
    """Printable ASCII, blank included."""
    return 0x20 <= byte < 0x7F


@inlined
def is_name_byte(byte, first):  # type: ignore[no-untyped-def]
    """Whether an ASCII name may have this byte (as its first). Names with other letters are declined."""
    letter = 0x61 <= (byte | 0x20) <= 0x7A or byte == 0x5F
    return letter or (not first and (0x30 <= byte <= 0x3A or byte == 0x2D or byte == 0x2E))


@inlined
def element_at(b, i, end, lo, prefix):  # type: ignore[no-untyped-def]
    """Which element's name stands at b[i], prefix and all; the name must end there. _NONE for any other."""
    at = i + prefix
    if at + 16 > end:
        return _NONE
    for k in range(prefix):
        if b[i + k] != b[lo + 1 + k]:
            return _NONE
    word = load8(b, at)
    size = _NONE
    if word == _SUBFIELD_WORD:
        size = _SUBFIELD
    elif word == _DATAFIELD_WORD:
        if b[at + 8] == 0x64:
            size = _DATA
    elif word == _CONTROLFIELD_WORD:
        if load8(b, at + 8) & np.uint64(0xFFFFFFFF) == _IELD:
            size = _CONTROL
    elif word & _SIX == _LEADER_WORD:
        size = _LEADER
    c = b[at + size]
    return size if c in (_GT, _SLASH) or is_space(c) else _NONE


@inlined
def end_tag(b, i, end, lo, prefix, element):  # type: ignore[no-untyped-def]
    """Index after the end tag of `element` at b[i] (`<`), BAD if it is not that."""
    if b[i + 1] != _SLASH or element_at(b, i + 2, end, lo, prefix) != element:
        return BAD
    i = skip_space(b, i + 2 + prefix + element, end)
    return i + 1 if i < end and b[i] == _GT else BAD


@kernel
def attribute_at(b: U8, i: int, end: int) -> tuple[int, int, int]:
    """The attribute that begins at b[i]: (end of its name, start of its value, end of its value).

    BAD in the first place for what is none, or has a reference, a tab or a line end in it, or more than
    one colon in its name.
    """
    at = i
    colons = 0
    while at < end and is_name_byte(b[at], at == i):
        colons += b[at] == 0x3A
        at += 1
    name = at
    at = skip_space(b, at, end)
    if name == i or colons > 1 or at >= end or b[at] != 0x3D:
        return BAD, at, at
    at = skip_space(b, at + 1, end)
    if at >= end or (b[at] != 0x22 and b[at] != 0x27):
        return BAD, at, at
    quote = b[at]
    value = at + 1
    at = value
    while at < end and b[at] != quote:
        if b[at] == _LT or b[at] == _AMP or b[at] < 0x20:
            return BAD, at, at
        at += 1
    return (name if at < end else BAD), value, at


@kernel
def attributes(b: U8, i: int, end: int) -> tuple[int, bool, int, int, int, int]:
    """What a field's start tag says from b[i], the end of its name, on.

    (index after the tag, whether it has no content, tag, indicators, code, length of code in bytes).
    Tag packed; indicators packed, the first highest; code as its offset. What is missing is -1, one
    missing indicator makes both so. BAD in the first place for anything that is declined.
    """
    tag: Any = -1
    first: Any = -1
    second: Any = -1
    code = -1
    code_bytes = others = 0
    while True:
        before = i
        i = skip_space(b, i, end)
        if i + 1 >= end:
            return BAD, False, 0, 0, 0, 0
        if b[i] == _GT or (b[i] == _SLASH and b[i + 1] == _GT):
            closed = b[i] == _SLASH
            both = first << 8 | second if first >= 0 and second >= 0 else -1
            return (i + 2 if closed else i + 1), closed, tag, both, code, code_bytes
        name, value, stop = attribute_at(b, i, end)
        if name == BAD or i == before:
            return BAD, False, 0, 0, 0, 0
        word = word_at(b, i, name)
        size = stop - value
        good = True
        if name - i == 3 and word == _TAG:
            good = tag < 0 and size == 3
            if good:
                good = is_printable(b[value]) and is_printable(b[value + 1]) and is_printable(b[value + 2])
                tag = np.int64(b[value]) << 16 | np.int64(b[value + 1]) << 8 | np.int64(b[value + 2])
        elif name - i == 4 and word == _IND1:
            good = first < 0 and size == 1 and is_printable(b[value])
            first = np.int64(b[value])
        elif name - i == 4 and word == _IND2:
            good = second < 0 and size == 1 and is_printable(b[value])
            second = np.int64(b[value])
        elif name - i == 4 and word == _CODE:
            good = code < 0 and size >= 1
            if good:
                good = character_bytes(b[value]) == size and b[value] != 0x7F
            code, code_bytes = value, size
        else:
            others += 1
            good = others < 2
        if not good:
            return BAD, False, 0, 0, 0, 0
        i = stop + 1


@kernel
def record_open(b: U8, lo: int, end: int) -> tuple[int, int]:
    """The start tag `<record ...>` at b[lo]: (index after it, bytes of its prefix with colon), or BAD."""
    i = lo + 1
    prefix = 0
    while i < end and is_name_byte(b[i], i == lo + 1):
        i += 1
        if b[i - 1] == 0x3A:
            if prefix:
                return BAD, 0
            prefix = i - lo - 1
    if i - lo - 1 - prefix != 6 or word_at(b, i - 6, i) != _RECORD_WORD or not is_name_byte(b[lo + 1], True):
        return BAD, 0
    first = i
    while True:
        before = i
        i = skip_space(b, i, end)
        if i >= end:
            return BAD, 0
        if b[i] == _GT:
            return i + 1, prefix
        name, _, stop = attribute_at(b, i, end)
        if name == BAD or i == before:
            return BAD, 0
        # XML has no element with the same attribute twice. Few elements have many, so look at them all.
        at = skip_space(b, first, end)
        while at < i:
            earlier, _, earlier_stop = attribute_at(b, at, end)
            same = earlier - at == name - i
            k = 0
            while same and k < name - i:
                same = b[at + k] == b[i + k]
                k += 1
            if same:
                return BAD, 0
            at = skip_space(b, earlier_stop + 1, end)
        i = stop + 1


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
    return (BAD if i < 0 else end_tag(b, i, end, lo, prefix, _SUBFIELD)), o


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
            return end_tag(b, i, end, lo, prefix, _DATA), o, tag
        if b[i + 1] == _BANG:
            i = comment_end(b, i, end)
        elif element_at(b, i + 1, end, lo, prefix) == _SUBFIELD:
            i, o = subfield(b, i + 1 + prefix + _SUBFIELD, end, lo, prefix, out, o)
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
    if i == BAD or (tag < 0 and element == _CONTROL):
        return BAD, o, 0
    start = o
    if not closed:
        i, o = put_text(b, i, end, out, o)
        if i == BAD:
            return BAD, o, 0
        i = end_tag(b, i, end, lo, prefix, element)
    if element == _LEADER:
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
        if element == _DATA:
            i, o, packed = data_field(b, i + 1 + prefix + _DATA, end, lo, prefix, out, o)
        elif element == _CONTROL or (element == _LEADER and leader < 0):
            i, o, packed = leaf(b, i + 1 + prefix + element, end, lo, prefix, element, out, o)
        else:
            break
        if i == BAD:
            break
        if element == _LEADER:
            leader = at
            continue
        if f >= len(tag):
            return FULL, o, f, 0
        tag[f] = packed
        start[f] = at
        length[f] = o - at
        control[f] = element == _CONTROL
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
