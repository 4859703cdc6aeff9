"""Text in UTF-8 as MARC-8: escape sequences where a set is needed, `&#x6F22;` for what no set has.

Every set but ANSEL is put into G0, as yaz does, and ASCII is put back before a delimiter and at the field's
end. Marks go before their letter. A letter that no set has as it is, is taken apart into letter and marks
(canonical decomposition), and where these cannot be said either, it becomes a reference, with all marks
that stand on it from the first that cannot be said. So reading it again gives the same text in NFC, but
for an ESC in a value, which becomes the characters `&#x001B;` and is counted.
`&` before `#x` becomes `&#x26;`, so that text that looks like a reference stays as it is.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np

from transformer.kernels.copying import Memory, memory, peek, poke
from transformer.kernels.iso2022 import ASCII
from transformer.kernels.jit import inlined, kernel
from transformer.kernels.marc8 import copy_run
from transformer.kernels.nfc import MAX_MARKS

NO_CODE: Final = 0
ANSEL: Final = 1
"""Row of ANSEL in `CodeTables.sets`, and the set of a code in `OutTables.code`."""
OUT_MARK: Final = 1 << 31
_ESC: Final = 0x1B
_DELIMITER: Final = 0x1F
_WIDTH: Final = 32
ROOM: Final = 16 * (MAX_MARKS + 8) + _WIDTH
"""More than one step can write."""
ROOM_FACTOR: Final = 4
"""Bytes for each byte of text, and ROOM: enough for most; where not, the kernel says so."""


class OutTables(NamedTuple):
    """What each character of the Basic Multilingual Plane is in MARC-8.

    code: uint32[65536]; 0 where no set has it; else set << 24 | code of one or three bytes, OUT_MARK for a
    mark. Sets as rows of `CodeTables.sets`, EACC as 127. lead: uint8[128, 4], by set: the number of bytes
    of the escape sequence that puts it into G0, and these bytes. first, second: int32[65536], canonical
    decomposition, second 0 where it is one character, first 0 where there is none. mark_class:
    uint8[65536], combining class.
    """

    code: Any
    lead: Any
    first: Any
    second: Any
    mark_class: Any


@inlined
def read_character(source: Memory, at: int) -> Any:
    """(bytes, code point) of the UTF-8 character at `at`."""
    one = peek(source, at)
    if one < 0x80:
        return 1, one
    two = peek(source, at + 1) & 0x3F
    if one < 0xE0:
        return 2, (one & 0x1F) << 6 | two
    three = peek(source, at + 2) & 0x3F
    if one < 0xF0:
        return 3, (one & 0x0F) << 12 | two << 6 | three
    return 4, (one & 0x07) << 18 | two << 12 | three << 6 | (peek(source, at + 3) & 0x3F)


@inlined
def code_of(tables: Any, point: int) -> Any:
    """Entry of `OutTables.code`, 0 for a character of another plane."""
    return np.int64(tables.code[point]) if point < 0x10000 else 0


@kernel
def put_reference(to: Memory, w: int, point: int) -> int:
    """`&#x6F22;` at to[w:]: the new w. At least four digits, as the standard has it."""
    poke(to, w, 0x26)
    poke(to, w + 1, 0x23)
    poke(to, w + 2, 0x78)
    w += 3
    digits = 6 if point >= 0x100000 else 5 if point >= 0x10000 else 4
    for place in range(digits - 1, -1, -1):
        digit = point >> 4 * place & 0x0F
        poke(to, w, 0x30 + digit if digit < 10 else 0x37 + digit)
        w += 1
    poke(to, w, 0x3B)
    return w + 1


@inlined
def switch(to: Memory, w: int, tables: Any, now: int, wanted: int) -> Any:
    """The escape sequence from one set in G0 to another at to[w:], none where they are the same."""
    if now == wanted:
        return w
    if wanted == ASCII and tables.lead[now, 0] == 2:  # out of Greek symbols, sub- and superscripts
        poke(to, w, _ESC)
        poke(to, w + 1, 0x73)
        return w + 2
    for place in range(tables.lead[wanted, 0]):
        poke(to, w + place, np.int64(tables.lead[wanted, 1 + place]))
    return w + np.int64(tables.lead[wanted, 0])


@inlined
def put_code(to: Memory, w: int, tables: Any, entry: int, g0: int) -> Any:
    """A code, with an escape sequence if it needs one, at to[w:]: (new w, new set in G0)."""
    row = entry >> 24 & 0x7F
    code = entry & 0xFFFFFF
    if row == ANSEL:
        poke(to, w, code)
        return w + 1, g0
    w = switch(to, w, tables, g0, row)
    if code > 0xFF:
        poke(to, w, code >> 16)
        poke(to, w + 1, code >> 8 & 0xFF)
        w += 2
    poke(to, w, code & 0xFF)
    return w + 1, row


@inlined
def take_apart(tables: Any, point: int, marks: Any) -> Any:
    """(base, count): a character's base and its marks, into `marks` in order."""
    count = 0
    while point < 0x10000 and tables.first[point] != 0 and code_of(tables, point) == 0 and count < 8:
        if tables.second[point] != 0:
            for place in range(count, 0, -1):
                marks[place] = marks[place - 1]
            marks[0] = tables.second[point]
            count += 1
        point = int(np.int64(tables.first[point]))
    return point, count


@kernel
def put_letter(
    source: Memory, at: int, end: int, to: Memory, w: int, tables: Any, g0: int, marks: Any
) -> tuple[int, int, int]:
    """A letter at source[at:] and the marks on it, to to[w:]: (new at, new w, new set in G0)."""
    size, whole = read_character(source, at)
    at += size
    base, own = take_apart(tables, whole, marks)
    entry = code_of(tables, base)
    good = base < 0x80 or (entry != NO_CODE and entry < OUT_MARK and tables.mark_class[base] == 0)
    for place in range(own):
        good = good and code_of(tables, marks[place]) >= OUT_MARK
    if not good:
        own = 0
    count = own
    # All marks that follow; those before the first that no set has go before the letter.
    sayable = own if good else -1
    while at < end and count < MAX_MARKS:
        size, mark = read_character(source, at)
        if mark >= 0x10000 or tables.mark_class[mark] == 0:
            break
        if sayable == count and code_of(tables, mark) >= OUT_MARK:
            sayable += 1
        marks[count] = mark
        count += 1
        at += size
    if good:
        for place in range(sayable):
            w, g0 = put_code(to, w, tables, code_of(tables, marks[place]), g0)
        if base < 0x80:
            w = switch(to, w, tables, g0, ASCII)
            g0 = ASCII
            poke(to, w, base)
            w += 1
        else:
            w, g0 = put_code(to, w, tables, entry, g0)
    else:
        sayable = 0
        w = switch(to, w, tables, g0, ASCII)
        g0 = ASCII
        w = put_reference(to, w, whole)
    if sayable < count:
        w = switch(to, w, tables, g0, ASCII)
        g0 = ASCII
        for place in range(sayable, count):
            w = put_reference(to, w, marks[place])
    return at, w, g0


@inlined
def looks_like_reference(source: Memory, at: int, end: int) -> bool:
    """True where `&#x` stands at `at`."""
    return at + 2 < end and peek(source, at + 1) == 0x23 and peek(source, at + 2) == 0x78


@inlined
def marked_next(source: Memory, at: int, end: int, tables: Any) -> bool:
    """True where a mark stands at `at`."""
    if at >= end or peek(source, at) < 0xCC:
        return False
    _, point = read_character(source, at)
    return point < 0x10000 and tables.mark_class[point] != 0


@kernel
def encode_text(
    source: Memory, at: int, end: int, to: Memory, w: int, tables: Any, marks: Any
) -> tuple[int, int]:
    """One field source[at:end], UTF-8, to to[w:]: (new w, or -1 where `to` is full; characters lost)."""
    lost, g0 = 0, ASCII
    while at < end:
        if to[1] - w < end - at + ROOM:
            return -1, lost
        if g0 == ASCII:
            count = copy_run(to, w, source, at, end)
            last = at + count - 1
            # The last one may carry a mark that has to go before it.
            if count > 0 and peek(source, last) >= 0x20 and marked_next(source, last + 1, end, tables):
                count -= 1
            w += count
            at += count
            if at == end:
                break
        byte = peek(source, at)
        if byte < 0x20:
            w = switch(to, w, tables, g0, ASCII)
            g0 = ASCII
            if byte == _ESC:
                lost += 1
                w = put_reference(to, w, byte)
            else:
                poke(to, w, byte)
                w += 1
            at += 1
            if byte == _DELIMITER and at < end and 0x20 <= peek(source, at) < 0x80:
                poke(to, w, peek(source, at))
                w += 1
                at += 1
        elif byte == 0x26 and looks_like_reference(source, at, end):
            w = switch(to, w, tables, g0, ASCII)
            g0 = ASCII
            w = put_reference(to, w, byte)
            at += 1
        else:
            at, w, g0 = put_letter(source, at, end, to, w, tables, g0, marks)
    return switch(to, w, tables, g0, ASCII), lost


@kernel
def encode_fields(
    data: Any, added: Any, start: Any, length: Any, tables: OutTables, marks: Any,
    out: Any, new_start: Any, new_length: Any, lost: Any,
) -> int:  # fmt: skip
    """Encode all fields of a batch: bytes of `out` used, -1 where it is full.

    data, added, start, length: as in MarcBatch, UTF-8. A field of ASCII without `&`, `{` and ESC keeps its
    place; others go to `out`, uint8[n], each with a terminator behind it. new_start: int64[F], place in
    `out`, -1 where the field keeps its own. new_length: int32[F]. lost: uint8[F], set where an ESC was in
    the field. marks: int64[MAX_MARKS + 8], for the kernel's own use.
    """
    window, more, target = memory(data), memory(added), memory(out)
    w = 0
    for f in range(len(start)):
        new_start[f] = -1
        new_length[f] = length[f]
        source = window if start[f] >= 0 else more
        at = start[f] if start[f] >= 0 else -1 - start[f]
        end = at + length[f]
        if w + length[f] + ROOM > len(out):
            return -1
        if copy_run(target, w, source, at, end) == end - at:
            continue
        to, missed = encode_text(source, at, end, target, w, tables, marks)
        if to < 0 or to >= len(out):
            return -1
        poke(target, to, 0x1E)
        new_start[f] = w
        new_length[f] = to - w
        lost[f] = 1 if missed else 0
        w = to + 1
    return w
