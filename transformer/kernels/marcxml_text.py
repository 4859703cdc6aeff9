"""Text of MARCXML: characters, references, comments, CDATA sections and line ends, into UTF-8.

Each function takes the bytes `b` and an index into them, and answers with the index after what it read,
or with BAD where XML (or we) will not have it so. `out` has room for as many bytes as are read; that
holds because no reference is shorter than its character: `&lt;` 4 to 1, `&#x10FFFF;` 10 to 4.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from transformer.kernels.bytesops import below32, copy32, equal32, load8, trailing_zeros
from transformer.kernels.jit import inlined, kernel
from transformer.kernels.marcxml_boundary import COMMENT, is_space, passed, word_at
from transformer.kernels.utf8 import fault_at, faults32
from transformer.schema.batch import U8

CLEAN: Final = 0
NOT_UTF8: Final = 2
FORBIDDEN: Final = 3
"""What `check_characters` finds; FORBIDDEN is a character that XML forbids."""

BAD: Final = -1

_LT: Final = 0x3C
_GT: Final = 0x3E
_BANG: Final = 0x21
_AMP: Final = 0x26
_CR: Final = 0x0D
_ALL = np.uint32(0xFFFFFFFF)
_1 = np.uint64(1)
_CDATA: Final = np.uint64(int.from_bytes(b"[CDATA[", "little"))


@inlined
def skip_space(b, i, end):  # type: ignore[no-untyped-def]
    """Index of the first byte from `i` on that is no white space, or `end`."""
    while i < end and is_space(b[i]):
        i += 1
    return i


@inlined
def character_bytes(first):  # type: ignore[no-untyped-def]
    """Bytes of the character that begins with `first`, in text that is known to be UTF-8."""
    return 1 if first < 0x80 else (2 if first < 0xE0 else (3 if first < 0xF0 else 4))


@inlined
def is_noncharacter(b, i, end):  # type: ignore[no-untyped-def]
    """Whether U+FFFE or U+FFFF stands at b[i], a byte 0xEF."""
    return i + 2 < end and b[i + 1] == 0xBF and b[i + 2] >= 0xBE


@kernel
def check_characters(b: U8, start: int, end: int) -> int:
    """CLEAN if b[start:end] is UTF-8 and holds only characters of XML 1.0, else NOT_UTF8 or FORBIDDEN.

    FORBIDDEN: U+0000-0008, 000B, 000C, 000E-001F, FFFE, FFFF (XML 1.0, production 2). NOT_UTF8 wins,
    wherever they stand. The first three bytes and the last must be ASCII, as in `<record ... >`.
    """
    verdict = CLEAN
    pending = False
    i = start + 3
    while i + 32 <= end:
        high = ~below32(b, i, 0x80) & _ALL
        space = equal32(b, i, 0x0A) | equal32(b, i, 0x0D) | equal32(b, i, 0x09)
        if below32(b, i, 0x20) & ~space & _ALL != 0:
            verdict = FORBIDDEN
        # A block of ASCII is looked at only after one that was not: it may lack continuation bytes.
        if (high != 0 or pending) and faults32(b, i) != 0:
            return NOT_UTF8
        pending = high != 0
        bits = np.uint64(equal32(b, i, 0xEF)) if pending else np.uint64(0)
        while bits != 0:
            if is_noncharacter(b, i + trailing_zeros(bits), end):
                verdict = FORBIDDEN
            bits &= bits - _1
        i += 32
    while i < end:
        if fault_at(b, i):
            return NOT_UTF8
        if (b[i] < 0x20 and not is_space(b[i])) or (b[i] == 0xEF and is_noncharacter(b, i, end)):
            verdict = FORBIDDEN
        i += 1
    return verdict


@kernel
def comment_end(b: U8, i: int, end: int) -> int:
    """Index after the comment at b[i] (`<!`); BAD if it is none, or not a correct one."""
    if i + 7 > end or b[i + 2] != 0x2D or b[i + 3] != 0x2D:
        return BAD
    after = passed(b, i + 4, end, COMMENT)
    return after if after > 0 else BAD


@kernel
def put_character(out: U8, o: int, point: int) -> int:
    """The UTF-8 of a code point into `out` at `o`: the index after it; BAD if XML has no such character."""
    if point < 0x20 and point != 0x09 and point != 0x0A and point != 0x0D:
        return BAD
    if point < 0x80:
        out[o] = point
        return o + 1
    if point < 0x800:
        out[o] = 0xC0 | point >> 6
        out[o + 1] = 0x80 | point & 0x3F
        return o + 2
    if 0xD800 <= point < 0xE000 or point == 0xFFFE or point == 0xFFFF or point > 0x10FFFF:
        return BAD
    if point < 0x10000:
        out[o] = 0xE0 | point >> 12
        out[o + 1] = 0x80 | point >> 6 & 0x3F
        out[o + 2] = 0x80 | point & 0x3F
        return o + 3
    out[o] = 0xF0 | point >> 18
    out[o + 1] = 0x80 | point >> 12 & 0x3F
    out[o + 2] = 0x80 | point >> 6 & 0x3F
    out[o + 3] = 0x80 | point & 0x3F
    return o + 4


@kernel
def reference(b: U8, i: int, end: int, out: U8, o: int) -> tuple[int, int]:
    """The reference at b[i] (`&`): (index after it, index in `out` after its character), or BAD."""
    stop = i + 1
    while stop < end and b[stop] != 0x3B and stop - i < 12:
        stop += 1
    if stop >= end or b[stop] != 0x3B:
        return BAD, o
    size = stop - i - 1
    point: Any = 0
    if b[i + 1] == 0x23:
        base = 16 if b[i + 2] == 0x78 else 10
        at = i + 3 if base == 16 else i + 2
        if at >= stop:
            return BAD, o
        while at < stop:
            c = np.int64(b[at])
            digit = c - 0x30 if c < 0x3A else (c | 0x20) - 0x57
            if digit < 0 or digit >= base or (c >= 0x3A and digit < 10):
                return BAD, o
            point = point * base + digit
            at += 1
    else:
        name = word_at(b, i + 1, stop)
        if size == 2 and name == 0x746C:
            point = 0x3C
        elif size == 2 and name == 0x7467:
            point = 0x3E
        elif size == 3 and name == 0x706D61:
            point = 0x26
        elif size == 4 and name == 0x746F7571:
            point = 0x22
        elif size == 4 and name == 0x736F7061:
            point = 0x27
        else:
            return BAD, o
    after = put_character(out, o, point)
    return (BAD if after == BAD else stop + 1), after


@kernel
def put_cdata(b: U8, i: int, end: int, out: U8, o: int) -> tuple[int, int]:
    """The CDATA section at b[i] (`<!`): (index after it, index in `out` after its text), or BAD."""
    if i + 12 > end or load8(b, i + 1) >> np.uint64(8) != _CDATA:
        return BAD, o
    i += 9
    while i + 2 < end:
        if i + 32 <= len(b) and o + 32 <= len(out):
            bits = equal32(b, i, 0x5D) | equal32(b, i, _CR)
            copy32(out, o, b, i)
            count = trailing_zeros(bits) if bits != 0 else 32
            i += count
            o += count
            if bits == 0 or i + 2 >= end:
                continue
        c = b[i]
        if c == 0x5D and b[i + 1] == 0x5D and b[i + 2] == _GT:
            return i + 3, o
        if c != _CR:
            out[o] = c
            o += 1
        elif b[i + 1] != 0x0A:
            out[o] = 0x0A
            o += 1
        i += 1
    return BAD, o


@kernel
def put_special(b: U8, i: int, end: int, out: U8, o: int) -> tuple[int, int]:
    """One thing in text that is not copied: b[i] is `&`, `>`, CR, or `<` before `!`. As `put_text`."""
    c = b[i]
    if c == _AMP:
        return reference(b, i, end, out, o)
    if c == _LT:
        if b[i + 2] == 0x2D:
            return comment_end(b, i, end), o
        return put_cdata(b, i, end, out, o)
    if c == _GT:
        # XML forbids `]]>` in text.
        if b[i - 1] == 0x5D and b[i - 2] == 0x5D:
            return BAD, o
        out[o] = c
        return i + 1, o + 1
    if b[i + 1] != 0x0A:
        out[o] = 0x0A
        o += 1
    return i + 1, o


@inlined
def put_text(b, i, end, out, o):  # type: ignore[no-untyped-def]
    """Text from b[i] to the next tag, into `out` from `o` on: (index of that tag or BAD, index in out).

    `end` is the record's end, so that a `<` comes before it and one more byte can always be looked at.
    """
    while True:
        if i + 32 <= len(b) and o + 32 <= len(out):
            bits = equal32(b, i, _LT) | equal32(b, i, _AMP) | equal32(b, i, _GT) | equal32(b, i, _CR)
            copy32(out, o, b, i)
            count = trailing_zeros(bits) if bits != 0 else 32
            i += count
            o += count
            if i >= end:
                return BAD, o
            if bits == 0:
                continue
        else:
            while i < end and b[i] != _LT and b[i] != _AMP and b[i] != _GT and b[i] != _CR:
                out[o] = b[i]
                i += 1
                o += 1
        if i + 2 >= end:
            return BAD, o
        if b[i] == _LT and b[i + 1] != _BANG:
            return i, o
        i, o = put_special(b, i, end, out, o)
        if i < 0:
            return BAD, o
