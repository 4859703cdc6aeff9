"""Tags of MARCXML: names, attributes, start tags and end tags.

As in `marcxml_text`, each function takes the bytes `b` and an index and answers with the index after what
it read, or BAD for what XML, or the kernel, will not have. `end` is the end of the record.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from transformer.kernels.bytesops import load8
from transformer.kernels.jit import inlined, kernel
from transformer.kernels.marcxml_boundary import is_space, word_at
from transformer.kernels.marcxml_text import BAD, character_bytes, skip_space
from transformer.schema.batch import U8

_LT: Final = 0x3C
_GT: Final = 0x3E
_SLASH: Final = 0x2F
_AMP: Final = 0x26


def word_of(text: bytes) -> np.uint64:
    """Up to eight bytes as the integer that `load8` would give."""
    return np.uint64(int.from_bytes(text, "little"))


_RECORD_WORD: Final = word_of(b"record")
_LEADER_WORD: Final = word_of(b"leader")
_DATAFIELD_WORD: Final = word_of(b"datafiel")
_SUBFIELD_WORD: Final = word_of(b"subfield")
_CONTROLFIELD_WORD: Final = word_of(b"controlf")
_IELD: Final = word_of(b"ield")
_TAG: Final = word_of(b"tag")
_IND1: Final = word_of(b"ind1")
_IND2: Final = word_of(b"ind2")
_CODE: Final = word_of(b"code")
_SIX: Final = np.uint64(0xFFFFFFFFFFFF)

NONE, LEADER, CONTROL, DATA, SUBFIELD = 0, 6, 12, 9, 8
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
    """Which element's name stands at b[i], prefix and all; the name must end there. NONE for any other."""
    at = i + prefix
    if at + 16 > end:
        return NONE
    for k in range(prefix):
        if b[i + k] != b[lo + 1 + k]:
            return NONE
    word = load8(b, at)
    size = NONE
    if word == _SUBFIELD_WORD:
        size = SUBFIELD
    elif word == _DATAFIELD_WORD:
        if b[at + 8] == 0x64:
            size = DATA
    elif word == _CONTROLFIELD_WORD:
        if load8(b, at + 8) & np.uint64(0xFFFFFFFF) == _IELD:
            size = CONTROL
    elif word & _SIX == _LEADER_WORD:
        size = LEADER
    c = b[at + size]
    return size if c in (_GT, _SLASH) or is_space(c) else NONE


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
    while at < end and is_name_byte(b[at], at == i or b[at - 1] == 0x3A):
        colons += b[at] == 0x3A
        at += 1
    name = at
    at = skip_space(b, at, end)
    if name == i or colons > 1 or b[name - 1] == 0x3A or at >= end or b[at] != 0x3D:
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
