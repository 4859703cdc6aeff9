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
- `&#x6F22;` is the character of that number, for every number from 0x20 on, whatever set is in G0, except
  within EACC, where the same bytes are a character. `{u6F22}`, which some systems write, is the same where
  it is asked for.

What no table knows becomes U+FFFD, one for each byte, or for each three bytes of EACC, and is counted.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from llvmlite import ir
from numba import types

from transformer.kernels.bytesops import as_helper, below32, bytes_at, size_of
from transformer.kernels.copying import Memory, memory, peek, poke
from transformer.kernels.iso2022 import (
    ASCII,
    EACC,
    MARK,
    CodeTables,
    Coding,
    character,
    escape,
    reference,
    starts,
)
from transformer.kernels.jit import inlined, kernel
from transformer.kernels.nfc import MAX_MARKS, Composition, put_character, put_cluster

LEAVE: Final = 0
DECODE: Final = 1
ASCII_ONLY: Final = 2
"""What `decode_fields` does with a record: nothing; decode it; decode those fields only that are ASCII
(escape sequences, `&#x..;`) and have no fault."""
_REPLACEMENT: Final = 0xFFFD
_ESC: Final = 0x1B
_DELIMITER: Final = 0x1F
_AMPERSAND: Final = 0x26
_BRACE: Final = 0x7B
_WIDTH: Final = 32
_ALL = np.uint32(0xFFFFFFFF)
_1 = np.uint32(1)
_ROOM: Final = 3 * (MAX_MARKS + 8) + _WIDTH
"""More than one step can write."""
ROOM_FACTOR: Final = 4
"""`decode_fields` needs this many times the bytes it decodes, and `ROOM_MORE`."""
ROOM_MORE: Final = 2 * _ROOM


@as_helper
def copy_plain(_typing: Any, to: Any, at: Any, source: Any, from_: Any) -> Any:
    """32 bytes of `source` to `to`; returns how many come before the first that is not plain (or 32).

    Not plain: high bit set, ESC, `&`, `{`.
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
        for byte in (_ESC, _AMPERSAND, _BRACE):
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
        if byte >= 0x80 or byte in (_ESC, _AMPERSAND, _BRACE):
            break
        poke(to, w, byte)
        w += 1
        at += 1
    return at - start


@kernel
def decode_text(
    source: Memory, at: int, end: int, to: Memory, w: int,
    tables: Any, nfc: Any, coding: Any, marks: Any, most: int,
) -> tuple[int, int, bool]:  # fmt: skip
    """One field source[at:end] to to[w:]: (new w, or -1 where `to` is full; faults; not sure to be NFC).

    most: marks that may stand on a letter, at most MAX_MARKS; any more are faults.
    """
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
        if byte == _AMPERSAND and coding.references and g0 != EACC and starts(source, at, end, 0x23, 0x78):
            size, entry = reference(source, at, end, 3, 0x3B)
        elif byte == _BRACE and coding.braces and starts(source, at, end, 0x75, -1):
            size, entry = reference(source, at, end, 2, 0x7D)
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
            continue
        if size == 0:
            size, entry = character(source, at, end, tables, coding, g0, g1)
        at += size
        if entry == 0:
            faults += 1
            entry = _REPLACEMENT
        if entry >= MARK and waiting < most:
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
def all_ascii(data: Any, at: int, end: int) -> Any:
    """True where no byte of data[at:end] has its high bit set."""
    while at + _WIDTH <= size_of(data) and at < end:
        wanted = _ALL if end - at >= _WIDTH else (_1 << np.uint32(end - at)) - _1
        if ~below32(data, at, 0x80) & wanted != 0:
            return False
        at += _WIDTH
    while at < end:
        if peek(data, at) >= 0x80:
            return False
        at += 1
    return True


@inlined
def same(one: Memory, at: int, other: Memory, from_: int, count: int) -> bool:
    """True where `count` bytes are the same in both."""
    place = 0
    while place < count and peek(one, at + place) == peek(other, from_ + place):
        place += 1
    return place == count


@kernel
def ascii_records(data: Any, field_from: Any, start: Any, length: Any, is_ascii: Any) -> None:
    """Which records are ASCII: is_ascii, uint8[R], becomes 1 or 0. Other arrays as in MarcBatch."""
    text = memory(data)
    for record in range(len(is_ascii)):
        is_ascii[record] = 1
        for f in range(field_from[record], field_from[record + 1]):
            if not all_ascii(text, start[f], start[f] + length[f]):
                is_ascii[record] = 0
                break


@kernel
def decode_fields(
    data: Any, used: int, field_from: Any, task: Any, start: Any, length: Any, control: Any,
    tables: CodeTables, nfc: Composition, coding: Coding, marks: Any, faults: Any, unsure: Any,
) -> int:  # fmt: skip
    """Decode fields of a batch behind its bytes: how much of `data` is used then, -1 where it is full.

    data: uint8[n], the batch's bytes in data[:used] and room behind them: ROOM_FACTOR times the bytes of
    the fields that are to be decoded, and ROOM_MORE, is enough for all but made-up text. field_from:
    int64[R + 1]. task: uint8[R], LEAVE, DECODE or ASCII_ONLY. start: int64[F], length: int32[F], as in
    MarcBatch, none negative; both changed for a field that has new bytes, with a terminator behind them. A
    field that is plain keeps its place. control: uint8[F]; in control fields, whose positions count, a mark
    is a fault. marks: int64[MAX_MARKS + 4], for the kernel's own use. faults: int32[R], characters that no
    table knows. unsure: uint8[F], set where a field may not be NFC.
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
            if task[record] == ASCII_ONLY and not all_ascii(text, at, end):
                continue
            if w + _WIDTH + (end - at) > len(data):
                return -1
            plain = copy_run(text, w, text, at, end)
            if plain == end - at:
                continue
            most = 0 if control[f] != 0 else MAX_MARKS
            to, wrong, check = decode_text(
                text, at + plain, end, text, w + plain, tables, nfc, coding, marks, most
            )
            if to < 0 or to >= len(data):
                return -1
            if wrong != 0 and task[record] == ASCII_ONLY:
                continue
            if to - w == end - at and same(text, at, text, w, end - at):
                continue
            poke(text, to, 0x1E)
            start[f] = w
            length[f] = to - w
            faults[record] += wrong
            unsure[f] = 1 if check else 0
            w = to + 1
    return w
