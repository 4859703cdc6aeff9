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

from transformer.kernels.bytesops import as_helper, bytes_at, trailing_zeros
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
IF_ASCII: Final = 3
"""What `decode_fields` does with a record: nothing; decode it; decode those fields only that are ASCII
(escape sequences, `&#x..;`) and have no fault; decode it if all of it is ASCII, else the same."""
PLAIN: Final = 0
CODED: Final = 1
HIGH: Final = 2
UNKNOWN: Final = 255
"""What a field is: ASCII that means itself; ASCII with an ESC, `&#x` or `{u` in it; one with higher bytes."""
_REPLACEMENT: Final = 0xFFFD
_ESC: Final = 0x1B
_DELIMITER: Final = 0x1F
_AMPERSAND: Final = 0x26
_BRACE: Final = 0x7B
_WIDTH: Final = 32
_1 = np.uint32(1)
_GAP: Final = 64
"""Bytes between two fields that are looked at together all the same."""
_ROOM: Final = 3 * (MAX_MARKS + 8) + _WIDTH
"""More than one step can write."""
ROOM_FACTOR: Final = 4
"""`decode_fields` needs this many times the bytes it decodes, and `ROOM_MORE`."""
ROOM_MORE: Final = 2 * _ROOM


def _not_plain(builder: Any, block: Any) -> Any:
    """uint32 mask of the bytes of a vector that are not plain: high bit set, ESC, `&`, `{`."""
    kind = block.type

    def splat(value: int) -> Any:
        return ir.Constant(kind, [value] * _WIDTH)

    found = builder.icmp_signed("<", block, splat(0))
    for byte in (_ESC, _AMPERSAND, _BRACE):
        found = builder.or_(found, builder.icmp_unsigned("==", block, splat(byte)))
    return builder.bitcast(found, ir.IntType(_WIDTH))


@as_helper
def not_plain32(_typing: Any, source: Any, at: Any) -> Any:
    """uint32 mask of the bytes of source[at:at + 32] that are not plain."""
    kind = ir.VectorType(ir.IntType(8), _WIDTH)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = bytes_at(context, builder, signature.args[0], args[0], args[1], _WIDTH)
        return _not_plain(builder, builder.load(builder.bitcast(place, kind.as_pointer()), align=1))

    return types.uint32(source, types.int64), generate


@as_helper
def copy_plain(_typing: Any, to: Any, at: Any, source: Any, from_: Any) -> Any:
    """32 bytes of `source` to `to`; returns how many come before the first that is not plain (or 32)."""
    kind = ir.VectorType(ir.IntType(8), _WIDTH)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        target, origin = (
            builder.bitcast(
                bytes_at(context, builder, signature.args[i], args[i], args[i + 1], _WIDTH), kind.as_pointer()
            )
            for i in (0, 2)
        )
        block = builder.load(origin, align=1)
        builder.store(block, target, align=1)
        word = ir.IntType(64)
        bits = builder.zext(_not_plain(builder, block), word)
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


@inlined
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
def same(one: Memory, at: int, other: Memory, from_: int, count: int) -> bool:
    """True where `count` bytes are the same in both."""
    place = 0
    while place < count and peek(one, at + place) == peek(other, from_ + place):
        place += 1
    return place == count


@inlined
def mask_at(source: Memory, at: int, end: int) -> Any:
    """Mask of the bytes of source[at:end], 32 of them at most, that are not plain."""
    if at + _WIDTH <= source[1]:
        mask = not_plain32(source, at)
        return mask if end - at >= _WIDTH else mask & ((_1 << np.uint32(end - at)) - _1)
    mask = np.uint32(0)
    for place in range(min(_WIDTH, end - at)):
        byte = peek(source, at + place)
        if byte >= 0x80 or byte in (_ESC, _AMPERSAND, _BRACE):
            mask |= _1 << np.uint32(place)
    return mask


@inlined
def place_of(start: int) -> int:
    """Place of a field in `data` or `added`."""
    return start if start >= 0 else -1 - start


@inlined
def is_next(start: Any, length: Any, f: int) -> bool:
    """True where the next field of `data` stands behind field f with little between."""
    return start[f] >= 0 and 0 <= start[f + 1] - start[f] - length[f] <= _GAP


@kernel
def survey_run(source: Memory, start: Any, length: Any, kind: Any, f: int, last: int, braces: bool) -> int:
    """Fill `kind` of the fields f to `last`, which stand in order with little between: the worst of them."""
    worst = PLAIN
    at = first = place_of(start[f])
    stop = first + length[f]
    end = place_of(start[last]) + length[last]
    while at < end:
        mask = mask_at(source, at, end)
        following = at + _WIDTH
        while mask != 0:
            place = at + trailing_zeros(np.uint64(mask))
            mask &= mask - _1
            while place >= stop and f < last:
                f += 1
                first = place_of(start[f])
                stop = first + length[f]
            if place < first:
                continue
            byte = peek(source, place)
            if byte >= 0x80:
                kind[f] = worst = HIGH
                # The rest of this field is of no interest.
                following = stop
                break
            coded = byte == _ESC or (byte == _AMPERSAND and starts(source, place, stop, 0x23, 0x78))
            if coded or (braces and byte == _BRACE and starts(source, place, stop, 0x75, -1)):
                kind[f] = CODED
                worst = max(worst, CODED)
        at = following
    return worst


@kernel
def survey_record(
    text: Memory, more: Memory, start: Any, length: Any, kind: Any, begin: int, end: int, braces: bool
) -> int:
    """Fill kind[begin:end], the fields of a record in `text` and `more`: the worst of them.

    Fields that stand one after another, as they do in a file, are looked at together: 32 bytes a step
    however short they are.
    """
    worst = PLAIN
    for f in range(begin, end):
        kind[f] = PLAIN
    f = begin
    while f < end:
        last = f
        while last + 1 < end and is_next(start, length, last):
            last += 1
        source = text if start[f] >= 0 else more
        worst = max(worst, survey_run(source, start, length, kind, f, last, braces))
        f = last + 1
    return worst


@kernel
def survey_fields(
    data: Any, added: Any, field_from: Any, start: Any, length: Any, look: Any, braces: bool,
    kind: Any, record_kind: Any,
) -> None:  # fmt: skip
    """What fields are: kind, uint8[F], and the worst of each record, record_kind, uint8[R].

    data, added, field_from, start, length: as in MarcBatch. look: uint8[R], 0 for records that are not
    asked for, of which nothing changes. braces: `{u` counts.
    """
    text, more = memory(data), memory(added)
    for record in range(len(look)):
        if look[record] != 0:
            begin, end = field_from[record], field_from[record + 1]
            record_kind[record] = survey_record(text, more, start, length, kind, begin, end, braces)


@kernel
def decode_fields(
    data: Any, added: Any, field_from: Any, task: Any, start: Any, length: Any, control: Any,
    tables: CodeTables, nfc: Composition, coding: Coding, marks: Any, kind: Any, record_kind: Any,
    out: Any, before: int, new_start: Any, new_length: Any, changed: Any, faults: Any, unsure: Any,
) -> int:  # fmt: skip
    """Decode fields of a batch: how much of `out` is used then, -1 where it is full.

    data, added, field_from, start, length, control: as in MarcBatch; in control fields, whose positions
    count, a mark is a fault. task: uint8[R], what to do. marks: int64[MAX_MARKS + 4], for the kernel's own
    use. kind, record_kind: filled as `survey_fields` does, for records that have a task: record by record,
    since decoding some fields of a record takes a third of the time while it is in the processor's cache.
    out: uint8[n], gets the new fields, each with a terminator behind it; ROOM_FACTOR times the bytes of the
    records that are to be decoded, and ROOM_MORE, is enough for all but made-up text. new_start: int64[F],
    new_length: int32[F], of a field that has new bytes; as in MarcBatch, with `before` bytes in `added`
    before `out`. Others stay as they are, also where decoding changed nothing. changed: uint8[R], set where
    a field has new bytes. faults: int32[R], characters that no table knows. unsure: uint8[F], set where a
    field may not be NFC.
    """
    window, more, to = memory(data), memory(added), memory(out)
    w = 0
    for record in range(len(task)):
        faults[record] = 0
        if task[record] == LEAVE:
            continue
        begin, last = field_from[record], field_from[record + 1]
        worst = survey_record(window, more, start, length, kind, begin, last, coding.braces)
        record_kind[record] = worst
        if worst == PLAIN:
            continue
        careful = task[record] == ASCII_ONLY or (task[record] == IF_ASCII and worst == HIGH)
        for f in range(begin, last):
            if kind[f] == PLAIN or (kind[f] == HIGH and careful):
                continue
            source = window if start[f] >= 0 else more
            at = place_of(start[f])
            end = at + length[f]
            most = 0 if control[f] != 0 else MAX_MARKS
            stop, wrong, check = decode_text(source, at, end, to, w, tables, nfc, coding, marks, most)
            if stop < 0 or stop >= len(out):
                return -1
            if (wrong != 0 and careful) or (stop - w == end - at and same(source, at, to, w, end - at)):
                continue
            poke(to, stop, 0x1E)
            changed[record] = 1
            new_start[f] = -1 - before - w
            new_length[f] = stop - w
            faults[record] += wrong
            unsure[f] = 1 if check else 0
            w = stop + 1
    return w
