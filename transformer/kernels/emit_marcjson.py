"""JSON of a batch: `{"leader":"...","fields":[{"001":"..."},{"245":{"ind1":...,"subfields":[...]}}]}`.

Text is UTF-8 as it is; `"`, `\\` and control characters are escaped. Only the shape is built here: what a
field's bytes mean is said in schema/batch.py.
"""

from __future__ import annotations

from typing import Final

from transformer.kernels.copying import Memory, constant, memory, peek, poke
from transformer.kernels.jit import inlined, kernel
from transformer.marc import SUBFIELD_DELIMITER
from transformer.schema.batch import I32, I64, U8, U32

DONE: Final = 0
BAD_TAG: Final = 1
BLANKED: Final = 1
"""Flag of a field: an indicator was missing, a blank stands in its place."""

WORST: Final = 16
"""Bytes that one byte of a field can become at most: an escape has 6, a delimiter `"},{"` and `":"`."""
AROUND: Final = 160
"""Bytes around a field, its slack included."""

_put_head = constant(b'{"leader":"')
_put_fields = constant(b'","fields":[')
_put_end = constant(b"]}\n")
_put_ind1 = constant(b'":{"ind1":"')
_put_ind2 = constant(b'","ind2":"')
_put_subfields = constant(b'","subfields":[')
_put_open = constant(b'{"')
_put_colon = constant(b'":"')
_put_close = constant(b'"}')
_put_data_end = constant(b"]}}")


@inlined
def put_byte(out: Memory, w: int, byte: int) -> int:
    """One byte of a string, escaped where it must be: the index behind."""
    if byte >= 0x20 and byte != 0x22 and byte != 0x5C:
        poke(out, w, byte)
        return w + 1
    poke(out, w, 0x5C)
    if byte >= 0x20:
        poke(out, w + 1, byte)
        return w + 2
    if byte in (0x0A, 0x0D, 0x09):
        poke(out, w + 1, 0x6E if byte == 0x0A else 0x72 if byte == 0x0D else 0x74)
        return w + 2
    poke(out, w + 1, 0x75)
    poke(out, w + 2, 0x30)
    poke(out, w + 3, 0x30)
    poke(out, w + 4, 0x30 + (byte >> 4))
    low = byte & 15
    poke(out, w + 5, 0x30 + low if low < 10 else 0x57 + low)
    return w + 6


@kernel
def put_text(out: Memory, w: int, source: Memory, at: int, end: int) -> int:
    """source[at:end] as the inside of a string: the index behind."""
    while at < end:
        w = put_byte(out, w, peek(source, at))
        at += 1
    return w


@inlined
def char_end(source: Memory, at: int, end: int) -> int:
    """Where the character at `at` ends; `at` itself at the end or at a delimiter."""
    if at >= end or peek(source, at) == SUBFIELD_DELIMITER:
        return at
    at += 1
    while at < end and peek(source, at) & 0xC0 == 0x80:
        at += 1
    return at


@inlined
def find_delimiter(source: Memory, at: int, end: int) -> int:
    """Index of the first delimiter in source[at:end], or `end`."""
    while at < end and peek(source, at) != SUBFIELD_DELIMITER:
        at += 1
    return at


@inlined
def put_tag(out: Memory, w: int, tag: int) -> int:
    """`{"245`; -1 for a tag that is not printable ASCII."""
    poke(out, w, 0x7B)
    poke(out, w + 1, 0x22)
    w += 2
    for shift in (16, 8, 0):
        byte = tag >> shift & 0xFF
        if byte < 0x20 or byte > 0x7E:
            return -1
        w = put_byte(out, w, byte)
    return w


@kernel
def put_data(out: Memory, w: int, source: Memory, at: int, end: int) -> tuple[int, int]:
    """(index behind, flags): indicators and subfields of a data field."""
    flags = 0
    for number in range(2):
        w = _put_ind1(out, w) if number == 0 else _put_ind2(out, w)
        following = char_end(source, at, end)
        if following == at:
            poke(out, w, 0x20)
            w += 1
            flags = BLANKED
        w = put_text(out, w, source, at, following)
        at = following
    w = _put_subfields(out, w)
    first = True
    if at < end and peek(source, at) != SUBFIELD_DELIMITER:  # text before the first delimiter
        stop = find_delimiter(source, at, end)
        w = _put_colon(out, _put_open(out, w))
        w = _put_close(out, put_text(out, w, source, at, stop))
        at = stop
        first = False
    while at < end:
        code_end = char_end(source, at + 1, end)
        stop = find_delimiter(source, code_end, end)
        if not first:
            poke(out, w, 0x2C)
            w += 1
        w = put_text(out, _put_open(out, w), source, at + 1, code_end)
        w = _put_close(out, put_text(out, _put_colon(out, w), source, code_end, stop))
        at = stop
        first = False
    return _put_data_end(out, w), flags


@kernel
def emit_records(
    data: U8, added: U8, leader: I64, field_from: I64, tag: U32, start: I64, length: I32, control: U8,
    comma: bool, done: int, used: int, out: U8, ends: I64, status: U8, flag: U8,
) -> tuple[int, int, int]:  # fmt: skip
    """Write records from `done` on at out[used:]: (records done, bytes used, bytes needed or 0).

    Arrays as in MarcBatch. comma: each record begins with `,`. Written per record: ends int64[R], status
    uint8[R]; per field flag uint8[F]. Where a record does not fit, its worst size is given back.
    """
    text, more, to = memory(data), memory(added), memory(out)
    for r in range(done, len(leader)):
        first, last = field_from[r], field_from[r + 1]
        need = 2 * AROUND + AROUND * (last - first)
        for f in range(first, last):
            need += WORST * length[f]
        if used + need > len(out):
            return r, used, need
        w = used
        if comma:
            poke(to, w, 0x2C)
            w += 1
        w = _put_head(to, w)
        at = leader[r]
        source = text if at >= 0 else more
        w = put_text(to, w, source, at if at >= 0 else -1 - at, (at if at >= 0 else -1 - at) + 24)
        w = _put_fields(to, w)
        for f in range(first, last):
            if f > first:
                poke(to, w, 0x2C)
                w += 1
            w = put_tag(to, w, tag[f])
            if w < 0:
                break
            at = start[f]
            source = text if at >= 0 else more
            at = at if at >= 0 else -1 - at
            if control[f] == 1:
                w = _put_close(to, put_text(to, _put_colon(to, w), source, at, at + length[f]))
            else:
                w, flags = put_data(to, w, source, at, at + length[f])
                flag[f] = flags
        if w < 0:
            status[r] = BAD_TAG
        else:
            used = _put_end(to, w)
        ends[r] = used
    return len(leader), used, 0
