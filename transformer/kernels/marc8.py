"""Text of MARC-8, and of other encodings in the frame of ISO 2022 or of one byte a character, as UTF-8.

The frame: bytes below 0x80 are read by the set G0, those above by G1; an escape sequence puts another
set into one of them. Marks stand before their base letter; here they move behind it and are composed
(NFC). An encoding is a row of the table for G0, one for G1, and what is switched on (`Coding`), so that
MARC-8, ISO 5426 and Windows-1252 run through one kernel.

Sources: MARC 21 Specifications, "MARC-8 encoding environment" (Library of Congress). Where the standard
leaves a choice:
- Both sets go back to their defaults at every subfield delimiter and at the field's end, as in
  yaz-marcdump and pymarc; a subfield code is never read by an alternate set.
- Between the three-byte characters of EACC a blank is a blank.
- A mark without a base letter stays behind what stands before it and counts as a fault; pymarc drops it.
- `ESC ) !E` designates ANSEL, and `ESC ) E`, without the `!`, does as well.
- `&#x6F22;` is the character of that number, for every number from 0x20 on.

What no table knows becomes U+FFFD, one for each byte, or for each three bytes of EACC, and is counted.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
from llvmlite import ir
from numba import types

from transformer.kernels.bytesops import as_helper, bytes_at
from transformer.kernels.copying import Memory, memory, peek, poke
from transformer.kernels.jit import inlined, kernel
from transformer.kernels.nfc import MAX_MARKS, Composition, put_character, put_cluster

ASCII: Final = 0
NO_SET: Final = 255
EACC: Final = 254
MARK: Final = 0x80000000
"""Bit of an entry that is a mark."""
LEAVE: Final = 0
DECODE: Final = 1
ESCAPES_ONLY: Final = 2
"""What `decode_fields` does with a record: nothing; decode it; decode those fields only that are ASCII but
for sound escape sequences."""
_REPLACEMENT: Final = 0xFFFD
_ESC: Final = 0x1B
_DELIMITER: Final = 0x1F
_AMPERSAND: Final = 0x26
_WIDTH: Final = 32
_ROOM: Final = 3 * (MAX_MARKS + 8) + _WIDTH
"""More than one step can write."""
ROOM_FACTOR: Final = 4
"""`decode_fields` needs this many times the bytes it decodes, and `ROOM_MORE`."""
ROOM_MORE: Final = 2 * _ROOM


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
    """An encoding: rows of the default sets; whether it has escape sequences and `&#x..;`."""

    g0: int
    g1: int
    escapes: bool
    references: bool


@as_helper
def copy_plain(_typing: Any, to: Any, at: Any, source: Any, from_: Any) -> Any:
    """32 bytes of `source` to `to`; returns how many come before the first that is not plain (or 32).

    Not plain: high bit set, ESC, `&`.
    """
    kind = ir.VectorType(ir.IntType(8), _WIDTH)

    def splat(value: int) -> Any:
        return ir.Constant(kind, [value] * _WIDTH)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        target, origin = (
            builder.bitcast(
                bytes_at(context, builder, signature.args[i], args[i], args[i + 1], _WIDTH), kind.as_pointer()
            )
            for i in (0, 2)
        )
        block = builder.load(origin, align=1)
        builder.store(block, target, align=1)
        found = builder.icmp_signed("<", block, splat(0))
        for byte in (_ESC, _AMPERSAND):
            found = builder.or_(found, builder.icmp_unsigned("==", block, splat(byte)))
        word = ir.IntType(64)
        bits = builder.zext(builder.bitcast(found, ir.IntType(_WIDTH)), word)
        bits = builder.or_(bits, ir.Constant(word, 1 << _WIDTH))
        return builder.cttz(bits, ir.Constant(ir.IntType(1), 1))

    return types.int64(to, types.int64, source, types.int64), generate


@inlined
def copy_run(to: Memory, w: int, source: Memory, at: int, end: int) -> int:
    """Copy plain bytes of source[at:end]: how many. Touches up to 31 bytes more of `to`."""
    start = at
    while at + _WIDTH <= source[1] and at < end:
        count = min(copy_plain(to, w, source, at), end - at)
        w += count
        at += count
        if count < _WIDTH:
            return at - start
    while at < end:
        byte = peek(source, at)
        if byte >= 0x80 or byte in (_ESC, _AMPERSAND):
            break
        poke(to, w, byte)
        w += 1
        at += 1
    return at - start


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
def reference(source: Memory, at: int, end: int) -> tuple[int, int]:
    """Read `&#x6F22;` at `at`: (bytes it has, 0 where it is none; code point)."""
    if at + 5 > end or peek(source, at + 1) != 0x23 or peek(source, at + 2) != 0x78:
        return 0, 0
    point = 0
    place = at + 3
    while place < end and place < at + 9:
        byte = peek(source, place)
        if 0x30 <= byte <= 0x39:
            digit = byte - 0x30
        elif 0x41 <= byte <= 0x46 or 0x61 <= byte <= 0x66:
            digit = (byte & 0x0F) + 9
        else:
            break
        point = point << 4 | digit
        place += 1
    if place == at + 3 or place >= end or peek(source, place) != 0x3B:
        return 0, 0
    if point < 0x20 or point > 0x10FFFF or 0xD800 <= point < 0xE000:
        return 0, 0
    return place + 1 - at, point


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


@kernel
def decode_text(
    source: Memory, at: int, end: int, to: Memory, w: int, tables: Any, nfc: Any, coding: Any, marks: Any
) -> tuple[int, int, bool]:
    """One field source[at:end] to to[w:]: (new w, or -1 where `to` is full; faults; not sure to be NFC)."""
    faults, waiting, unsure = 0, 0, False
    g0, g1 = coding.g0, coding.g1
    while at < end or waiting > 0:
        if to[1] - w < end - at + _ROOM:
            return -1, faults, unsure
        if waiting == 0 and g0 == ASCII and g1 == coding.g1:
            count = copy_run(to, w, source, at, end)
            w += count
            at += count
            if at == end:
                break
        byte = peek(source, at) if at < end else _DELIMITER
        if byte == _ESC and coding.escapes:
            size, g0, g1 = escape(source, at, end, tables.final, g0, g1)
            at += size
            if size > 0:
                continue
        size, entry = 0, 0
        if byte == _AMPERSAND and coding.references and g0 == ASCII:
            size, entry = reference(source, at, end)
            if size > 0:
                unsure = unsure or entry >= 0x10000 or nfc.maybe[entry] != 0
        if size == 0 and byte < 0x20:
            # A control character is no base: marks before it, or before the end, have none.
            faults += waiting
            for place in range(waiting):
                w = put_character(to, w, marks[place])
            unsure = unsure or waiting > 0
            waiting = 0
            if at == end:
                break
            if byte == _ESC and coding.escapes:
                faults += 1
                w = put_character(to, w, _REPLACEMENT)
            else:
                poke(to, w, byte)
                w += 1
            at += 1
            if byte == _DELIMITER:
                g0, g1 = coding.g0, coding.g1
                if at < end and peek(source, at) < 0x80:
                    poke(to, w, peek(source, at))
                    w += 1
                    at += 1
            continue
        if size == 0:
            size, entry = character(source, at, end, tables, coding, g0, g1)
        at += size
        if entry == 0:
            faults += 1
            entry = _REPLACEMENT
        if entry >= MARK and waiting < MAX_MARKS:
            marks[waiting] = entry - MARK
            waiting += 1
            continue
        if entry >= MARK:
            faults += 1
            entry = _REPLACEMENT
        elif entry < 0x10000 and nfc.mark_class[entry] != 0:
            unsure = True
        w = put_cluster(to, w, nfc, entry, marks, waiting)
        waiting = 0
    return w, faults, unsure


@inlined
def escapes_only(source: Memory, at: int, end: int) -> bool:
    """True where a field is ASCII and has an ESC."""
    found = False
    for place in range(at, end):
        byte = peek(source, place)
        if byte >= 0x80:
            return False
        found = found or byte == _ESC
    return found


@kernel
def decode_fields(
    data: Any, used: int, field_from: Any, task: Any, start: Any, length: Any,
    tables: CodeTables, nfc: Composition, coding: Coding, marks: Any, faults: Any, unsure: Any,
) -> int:  # fmt: skip
    """Decode fields of a batch behind its bytes: how much of `data` is used then, -1 where it is full.

    data: uint8[n], the batch's bytes in data[:used] and room behind them: ROOM_FACTOR times the bytes of
    the fields that are to be decoded, and ROOM_MORE, is enough for all but made-up text. field_from:
    int64[R + 1]. task: uint8[R], LEAVE, DECODE or ESCAPES_ONLY. start: int64[F], length: int32[F], as in
    MarcBatch, none negative; both changed for a field that has new bytes. A field that is plain keeps its
    place. A terminator is written behind each. marks: int64[MAX_MARKS + 4], for the kernel's own use.
    faults: int32[R], characters that no table knows. unsure: uint8[F], set where a field may not be NFC.
    """
    text = memory(data)
    w = used
    for record in range(len(task)):
        faults[record] = 0
        if task[record] == LEAVE:
            continue
        for f in range(field_from[record], field_from[record + 1]):
            at = start[f]
            end = at + length[f]
            if task[record] == ESCAPES_ONLY and not escapes_only(text, at, end):
                continue
            if w + _WIDTH + (end - at) > len(data):
                return -1
            plain = copy_run(text, w, text, at, end)
            if plain == end - at:
                continue
            to, wrong, check = decode_text(text, at + plain, end, text, w + plain, tables, nfc, coding, marks)
            if to < 0 or to >= len(data):
                return -1
            if wrong != 0 and task[record] == ESCAPES_ONLY:
                continue
            poke(text, to, 0x1E)
            start[f] = w
            length[f] = to - w
            faults[record] += wrong
            unsure[f] = 1 if check else 0
            w = to + 1
    return w
