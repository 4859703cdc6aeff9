"""The frame of ISO 2022 as library data uses it: code tables, escape sequences, characters, references.

All read `source`, a memory (see kernels/copying.py), at a place before `end`, and look at no byte from `end`
on. Sources: MARC 21 Specifications, "MARC-8 encoding environment" (Library of Congress); UNIMARC Manual.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np

from transformer.kernels.copying import Memory, peek
from transformer.kernels.jit import inlined

ASCII: Final = 0
NO_SET: Final = 255
EACC: Final = 254
MARK: Final = 0x80000000
"""Bit of an entry that is a mark."""


class CodeTables(NamedTuple):
    """The sets.

    sets: uint32[S, 128]; row s, entry b is the character of byte b (without its high bit) in that set:
    code point, MARK where it is a mark, 0 where there is none. Row ASCII is ASCII; entries below 0x20
    of the default G1 are the bytes 0x80 to 0x9F. final: uint8[128], final byte of an escape sequence ->
    row, EACC or NO_SET. page: int16[94 * 94], first two bytes of EACC -> row of `eacc`, -1 where there is
    none; eacc: int32[P, 96], third byte less 0x20 -> code point or 0.
    """

    sets: Any
    final: Any
    page: Any
    eacc: Any
    odd: Any


class Coding(NamedTuple):
    """An encoding: rows of the default sets; whether it has escape sequences, `&#x..;` and `{u....}`."""

    g0: int
    g1: int
    escapes: bool
    references: bool
    braces: bool


@inlined
def escape(source: Memory, at: int, end: int, final: Any, g0: int, g1: int) -> Any:
    """Read the escape sequence at `at`: (bytes it has, 0 where it is none; new g0; new g1)."""
    place = at + 1
    lead = peek(source, place) if place < end else 0
    if lead == 0x73:  # s: back to ASCII
        return 2, ASCII, g1
    if (lead == 0x67 or lead == 0x62 or lead == 0x70) and final[lead] != NO_SET:  # g, b, p
        return 2, np.int64(final[lead]), g1
    place += 1
    many = lead == 0x24  # $: three bytes a character
    if many and place < end and 0x28 <= peek(source, place) <= 0x2D:
        lead = peek(source, place)
        place += 1
    first = lead == 0x28 or lead == 0x2C or lead == 0x24  # ( , $
    second = lead == 0x29 or lead == 0x2D  # ) -
    if place < end and peek(source, place) == 0x21:
        place += 1
    if place >= end or not (first or second):
        return 0, g0, g1
    name = peek(source, place)
    row = np.int64(final[name]) if name < 0x80 else NO_SET
    if row == NO_SET or (many and row != EACC):
        return 0, g0, g1
    if first:
        return place + 1 - at, row, g1
    return place + 1 - at, g0, row


@inlined
def reference(source: Memory, at: int, end: int, lead: int, closing: int) -> tuple[int, int]:
    """Read the digits of `&#x6F22;` or `{u6F22}`, whose first `lead` bytes stand at `at`.

    (bytes it has, 0 where it is none; code point)
    """
    point = 0
    place = at + lead
    while place < end and place < at + lead + 6:
        byte = peek(source, place)
        if 0x30 <= byte <= 0x39:
            digit = byte - 0x30
        elif 0x41 <= byte <= 0x46 or 0x61 <= byte <= 0x66:
            digit = (byte & 0x0F) + 9
        else:
            break
        point = point << 4 | digit
        place += 1
    if place == at + lead or place >= end or peek(source, place) != closing:
        return 0, 0
    if point < 0x20 or point > 0x10FFFF or 0xD800 <= point < 0xE000:
        return 0, 0
    return place + 1 - at, point


@inlined
def starts(source: Memory, at: int, end: int, second: int, third: int) -> bool:
    """True where these bytes stand behind `at`; third -1: any."""
    if at + 3 > end or peek(source, at + 1) != second:
        return False
    return third < 0 or peek(source, at + 2) == third


@inlined
def wide(source: Memory, at: int, end: int, tables: Any) -> Any:
    """Read a character of EACC at `at`: (bytes it has; code point, 0 where no table knows it).

    All three bytes lie in one half, below or above 0x80. Where they are not three, it is one byte.
    """
    if at + 3 > end:
        return 1, 0
    one, two, three = peek(source, at), peek(source, at + 1), peek(source, at + 2)
    half = one & 0x80
    if two & 0x80 != half or three & 0x80 != half:
        return 1, 0
    one, two, three = one & 0x7F, two & 0x7F, three & 0x7F
    within = 0x21 <= one <= 0x7E and 0x21 <= two <= 0x7E and 0x20 <= three <= 0x7E
    if within:
        row = tables.page[(one - 0x21) * 94 + two - 0x21]
        point = np.int64(tables.eacc[row, three - 0x20]) if row >= 0 else 0
        if point != 0:
            return 3, point
    for place in range(len(tables.odd)):
        if tables.odd[place, 0] == one << 16 | two << 8 | three:
            return 3, np.int64(tables.odd[place, 1])
    return 3 if within and three != 0x20 else 1, 0


@inlined
def character(source: Memory, at: int, end: int, tables: Any, coding: Any, g0: int, g1: int) -> Any:
    """Read the character at `at`: (bytes it has; entry as in `CodeTables.sets`, 0 where none)."""
    byte = peek(source, at)
    if byte <= 0x20 or (byte == 0x7F and g0 != EACC):
        return 1, byte
    if byte < 0x80:
        if g0 == EACC:
            return wide(source, at, end, tables)
        return 1, np.int64(tables.sets[g0, byte])
    if byte < 0xA0:
        return 1, np.int64(tables.sets[coding.g1, byte & 0x7F])
    if g1 == EACC:
        return wide(source, at, end, tables)
    return 1, np.int64(tables.sets[g1, byte & 0x7F])
