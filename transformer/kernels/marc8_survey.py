"""What is to be decoded: fields that are not plain ASCII, found 64 bytes a step.

Plain is ASCII that means itself in every encoding `marc8` decodes. In most files that are not UTF-8 nine
fields in ten are plain: they are told here and stay views into the extract.

Measured beside the loop before, one core, 16.8 MB of bibs of which one field in twenty is not plain, forms in
turn, time of the survey by itself: fields of a record together, 32 bytes a step, every `&` looked at alone
1.0; 64 bytes a step 1.0, since jumps that nobody can foresee took the time, not bytes; fields taken for a row
without a jump for each 0.85; `&` only where a `#` follows it 0.62. The vector loop alone takes 0.18.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from llvmlite import ir
from numba import types

from transformer.kernels.bytesops import as_helper, bytes_at, trailing_zeros
from transformer.kernels.copying import Memory, memory, peek
from transformer.kernels.iso2022 import starts
from transformer.kernels.jit import inlined, kernel

PLAIN: Final = 0
CODED: Final = 1
HIGH: Final = 2
UNKNOWN: Final = 255
"""What a field is: ASCII that means itself; ASCII with an ESC, `&#x` or `{u` in it; one with higher bytes."""
_ESC: Final = 0x1B
_AMPERSAND: Final = 0x26
_BRACE: Final = 0x7B
_HASH: Final = 0x23
_U: Final = 0x75
_LOOK: Final = 64
"""Bytes that are looked at in one step."""
_1 = np.uint64(1)
_GAP: Final = 63
"""Bytes between two fields that are looked at together all the same; all bits set."""


def is_one_of(builder: Any, block: Any, bytes_: tuple[int, ...]) -> Any:
    """Which bytes of a vector are one of these, or have the high bit set."""
    kind = block.type
    found = builder.icmp_signed("<", block, ir.Constant(kind, [0] * kind.count))
    for byte in bytes_:
        found = builder.or_(found, _is(builder, block, byte))
    return found


def _is(builder: Any, block: Any, byte: int) -> Any:
    return builder.icmp_unsigned("==", block, ir.Constant(block.type, [byte] * block.type.count))


@as_helper
def coded64(_typing: Any, source: Any, at: Any) -> Any:
    """uint64 mask of the bytes of source[at:at + 64] with the high bit, ESC, `{`, and `&` before a `#`.

    Reads one byte more.
    """
    kind = ir.VectorType(ir.IntType(8), _LOOK)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        place = bytes_at(context, builder, signature.args[0], args[0], args[1], _LOOK + 1)
        behind = builder.gep(place, [ir.Constant(ir.IntType(64), 1)])
        block, following = (
            builder.load(builder.bitcast(one, kind.as_pointer()), align=1) for one in (place, behind)
        )
        reference = builder.and_(_is(builder, block, _AMPERSAND), _is(builder, following, _HASH))
        found = builder.or_(is_one_of(builder, block, (_ESC, _BRACE)), reference)
        return builder.bitcast(found, ir.IntType(_LOOK))

    return types.uint64(source, types.int64), generate


@inlined
def mask_at(source: Memory, at: int, end: int) -> Any:
    """Mask of the bytes of source[at:end], 64 of them at most, that may not be plain."""
    if at + _LOOK < source[1]:
        mask = coded64(source, at)
        return mask if end - at >= _LOOK else mask & ((_1 << np.uint64(end - at)) - _1)
    mask = np.uint64(0)
    for place in range(min(_LOOK, end - at)):
        byte = peek(source, at + place)
        if byte >= 0x80 or byte in (_ESC, _AMPERSAND, _BRACE):
            mask |= _1 << np.uint64(place)
    return mask


@inlined
def place_of(start: int) -> int:
    """Place of a field in `data` or `added`."""
    return start if start >= 0 else -1 - start


@inlined
def is_next(start: Any, length: Any, f: int) -> bool:
    """True where the next field of `data` stands behind field f with little between."""
    return start[f] >= 0 and 0 <= start[f + 1] - start[f] - length[f] <= _GAP


@inlined
def is_row(start: Any, length: Any, begin: int, end: int) -> bool:
    """True where `is_next` holds for all of the fields begin .. end but the last. Without a jump for each."""
    if begin == end or start[begin] < 0:
        return False
    gaps = np.uint64(0)
    for f in range(np.uintp(begin), np.uintp(end - 1)):
        gaps |= np.uint64(start[f + np.uintp(1)] - start[f] - np.int64(length[f]))
    return bool(gaps <= np.uint64(_GAP))


@inlined
def survey_run(source: Memory, start: Any, length: Any, kind: Any, f: int, last: int, braces: bool) -> int:
    """Fill `kind` of the fields f to `last`, which stand in order with little between: the worst of them.

    What lies in `added` comes alone.
    """
    worst = PLAIN
    at = place_of(start[f])
    stop = at + length[f]
    end = place_of(start[last]) + length[last]
    while at < end:
        mask = mask_at(source, at, end)
        if mask == 0:
            at += _LOOK
            continue
        place = at + trailing_zeros(mask)
        while place >= stop and f < last:
            f += 1
            stop = start[f] + length[f]
        at = place + 1
        if place < start[f]:
            continue
        byte = peek(source, place)
        if byte >= 0x80:
            kind[f] = worst = HIGH
            # The rest of this field is of no interest.
            at = stop
            continue
        coded = byte == _ESC or (byte == _AMPERSAND and starts(source, place, stop, _HASH, 0x78))
        if coded or (braces and byte == _BRACE and starts(source, place, stop, _U, -1)):
            kind[f] = CODED
            worst = max(worst, CODED)
    return worst


@inlined
def survey_record(
    text: Memory, more: Memory, start: Any, length: Any, kind: Any, begin: int, end: int, braces: bool
) -> int:
    """Fill kind[begin:end], the fields of a record in `text` and `more`: the worst of them.

    Fields that stand one after another, as they do in a file, are looked at together: 64 bytes a step
    however short they are.
    """
    worst = PLAIN
    for f in range(begin, end):
        kind[f] = PLAIN
    in_order = is_row(start, length, begin, end)
    f = begin
    while f < end:
        last = end - 1 if in_order else f
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
