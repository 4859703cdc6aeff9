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

Most text needs no second look (`decode_usual`): plain ASCII, one mark on one letter, a character alone, runs
of a script's own letters. The long way is for the rest, two marks on a letter for one.
Measured on bibs of which one field in fifteen has to be decoded, some in scripts of their own, with
the survey, one core, forms in turn: all by the long way 1.0; mark and letter looked up together 0.94; and
letters of other sets and EACC in loops of their own, an `&` that begins no reference among the plain, and
the survey of `marc8_survey` 0.69.
Not done: decoding straight into XML. What is decoded is an eighth of the bytes, and copying that much takes
1 % of the time that decoding takes.
"""

from __future__ import annotations

import unicodedata
from typing import Any, Final

import numpy as np
from llvmlite import ir
from numba import types

from transformer.kernels.bytesops import as_helper, bytes_at, load8, store4
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
from transformer.kernels.marc8_survey import HIGH, PLAIN, is_one_of, place_of, survey_record
from transformer.kernels.nfc import MAX_MARKS, Composition, put_character, put_cluster

LEAVE: Final = 0
DECODE: Final = 1
ASCII_ONLY: Final = 2
IF_ASCII: Final = 3
"""What `decode_fields` does with a record: nothing; decode it; decode those fields only that are ASCII
(escape sequences, `&#x..;`) and have no fault; decode it if all of it is ASCII, else the same."""
_REPLACEMENT: Final = 0xFFFD
_ESC: Final = 0x1B
_DELIMITER: Final = 0x1F
_AMPERSAND: Final = 0x26
_BRACE: Final = 0x7B
_HASH: Final = 0x23
_U: Final = 0x75
_WIDTH: Final = 32
_ROOM: Final = 3 * (MAX_MARKS + 8) + _WIDTH
"""More than one step can write."""
ROOM_FACTOR: Final = 4
"""`decode_fields` needs this many times the bytes it decodes, and `ROOM_MORE`."""
ROOM_MORE: Final = 2 * _ROOM


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
        found = is_one_of(builder, block, (_ESC, _AMPERSAND, _BRACE))
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


def short_forms(sets: Any, g1: int) -> Any:
    """int64[128 + S, 128] for `decode_fields`: what the usual bytes become, looked up in one step.

    sets: as in `CodeTables`, S of them; g1: row of the default set above 0x80. Row (byte & 0x7F) is of a byte
    of that set, by the byte behind it where that is ASCII, else by 0: a mark and a letter read two bytes, a
    character that is no mark one, whatever follows. Row 128 + s is of set s below 0x80, by its byte.
    An entry is the UTF-8 in the four lowest bytes, its length << 32, the bytes read << 40. 0 for all else,
    which goes the long way: no character, two marks, a mark before `&`, `{` or a control character.
    """
    forms = np.zeros((128 + len(sets), 128), np.int64)
    letters = [chr(byte) for byte in range(0x20, 0x7F) if byte not in (_AMPERSAND, _BRACE)]
    for high, entry in enumerate(sets[g1].tolist()):
        forms[high] = _short(entry)
        mark = chr(entry & 0x1FFFFF)
        if entry >= MARK and unicodedata.combining(mark):
            for letter in letters:
                composed = unicodedata.normalize("NFC", letter + mark)
                forms[high, ord(letter)] = _packed(composed.encode(), 2)
    for row, entries in enumerate(sets.tolist()):
        forms[128 + row, 0x20] = _short(0x20)
        for byte in map(ord, letters[1:]):
            forms[128 + row, byte] = _short(entries[byte])
    return forms


def _short(entry: int) -> int:
    """The form of a character, 0 for marks, for what combines, and for none."""
    if not 0x20 <= entry < 0x10000 or 0xD800 <= entry < 0xE000 or unicodedata.combining(chr(entry)):
        return 0
    return _packed(chr(entry).encode(), 1)


def _packed(raw: bytes, taken: int) -> int:
    return int.from_bytes(raw, "little") | len(raw) << 32 | taken << 40 if len(raw) <= 4 else 0


@inlined
def decode_wide(
    source: Memory, at: int, end: int, to: Memory, w: int, tables: Any, nfc: Any
) -> tuple[int, int]:
    """Characters of EACC below 0x80, of three bytes in UTF-8, and blanks, up to what is neither: (at, w)."""
    while at < end:
        one = peek(source, at)
        if one == 0x20:
            poke(to, w, one)
            at, w = at + 1, w + 1
            continue
        two, three = (peek(source, at + 1), peek(source, at + 2)) if at + 3 <= end else (0, 0)
        if not (0x21 <= one <= 0x7E and 0x21 <= two <= 0x7E and 0x20 <= three <= 0x7E):
            break
        row = np.int64(tables.page[(one - 0x21) * 94 + two - 0x21])
        point = np.int64(tables.eacc[row, three - 0x20]) if row >= 0 else 0
        if point < 0x800 or point >= 0x10000 or nfc.mark_class[point] != 0:
            break
        store4(to, w, np.uint32(0x8080E0 | point >> 12 | (point >> 6 & 0x3F) << 8 | (point & 0x3F) << 16))
        at, w = at + 3, w + 3
    return at, w


@inlined
def decode_set(source: Memory, at: int, end: int, to: Memory, w: int, forms: Any, g0: int) -> tuple[int, int]:
    """Characters of a set in G0 that have short forms, up to one that has none, or to the room: (at, w)."""
    room = to[1] - _ROOM
    while at < end and w + end - at <= room:
        byte = peek(source, at)
        form = forms[128 + g0, byte] if byte < 0x80 else 0
        if form == 0:
            break
        store4(to, w, np.uint32(form & 0xFFFFFFFF))
        at, w = at + 1, w + (form >> 32 & 0xFF)
    return at, w


@inlined
def decode_usual(
    source: Memory, at: int, end: int, to: Memory, w: int,
    tables: Any, forms: Any, nfc: Any, g0: int, most: int,
) -> tuple[int, int]:  # fmt: skip
    """What needs no second look, from `at` on, where no mark waits and G1 is the default: (at, w)."""
    if g0 == EACC:
        return decode_wide(source, at, end, to, w, tables, nfc)
    if g0 != ASCII:
        return decode_set(source, at, end, to, w, forms, g0)
    room = to[1] - _ROOM
    while w + end - at <= room:
        count = copy_run(to, w, source, at, end)
        at, w = at + count, w + count
        if at == end or most == 0:
            break
        byte = peek(source, at)
        following = peek(source, at + 1) if at + 1 < end else 0
        if byte >= 0x80:
            form = forms[byte & 0x7F, following if following < 0x80 else 0]
        else:
            is_sign = (byte == _AMPERSAND and following != _HASH) or (byte == _BRACE and following != _U)
            form = byte | 1 << 32 | 1 << 40 if is_sign else 0
        if form == 0:
            break
        store4(to, w, np.uint32(form & 0xFFFFFFFF))
        at, w = at + (form >> 40), w + (form >> 32 & 0xFF)
    return at, w


@inlined
def decode_text(
    source: Memory, at: int, end: int, to: Memory, w: int,
    tables: Any, forms: Any, nfc: Any, coding: Any, marks: Any, most: int,
) -> tuple[int, int, bool]:  # fmt: skip
    """One field source[at:end] to to[w:]: (new w, or -1 where `to` is full; faults; not sure to be NFC).

    most: marks that may stand on a letter, at most MAX_MARKS; any more are faults. 0 needs the long way.
    """
    faults, waiting, unsure = 0, 0, False
    g0, g1 = coding.g0, coding.g1
    while at < end or waiting > 0:
        if to[1] - w < end - at + _ROOM:
            return -1, faults, unsure
        if waiting == 0 and g1 == coding.g1:
            at, w = decode_usual(source, at, end, to, w, tables, forms, nfc, g0, most)
            if at == end:
                break
            if to[1] - w < end - at + _ROOM:
                return -1, faults, unsure
        byte = peek(source, at) if at < end else _DELIMITER
        if byte == _ESC and coding.escapes:
            size, g0, g1 = escape(source, at, end, tables.final, g0, g1)
            at += size
            if size > 0:
                continue
        size, entry = 0, 0
        if byte == _AMPERSAND and coding.references and g0 != EACC and starts(source, at, end, _HASH, 0x78):
            size, entry = reference(source, at, end, 3, 0x3B)
        elif byte == _BRACE and coding.braces and starts(source, at, end, _U, -1):
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
    while place + 8 <= count and load8(one, at + place) == load8(other, from_ + place):
        place += 8
    while place < count and peek(one, at + place) == peek(other, from_ + place):
        place += 1
    return place == count


@kernel
def decode_fields(
    data: Any, added: Any, field_from: Any, task: Any, start: Any, length: Any, control: Any,
    tables: CodeTables, forms: Any, nfc: Composition, coding: Coding, marks: Any, kind: Any, record_kind: Any,
    out: Any, before: int, new_start: Any, new_length: Any, changed: Any, faults: Any, unsure: Any,
) -> int:  # fmt: skip
    """Decode fields of a batch: how much of `out` is used then, -1 where it is full.

    data, added, field_from, start, length, control: as in MarcBatch; in control fields, whose positions
    count, a mark is a fault. task: uint8[R], what to do. forms: `short_forms` of these tables and coding.g1.
    marks: int64[MAX_MARKS + 4], for the kernel's own use. kind, record_kind: filled as `survey_fields` does,
    for records that have a task: record by record, since decoding some fields of a record takes a third of
    the time while it is in the processor's cache.
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
            stop, wrong, check = decode_text(source, at, end, to, w, tables, forms, nfc, coding, marks, most)
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
