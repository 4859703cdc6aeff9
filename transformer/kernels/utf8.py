"""Is this text UTF-8, and does it hold escape sequences? Thirty-two bytes at a time.

UTF-8 as in Unicode 16, table 3-7: no overlong forms, no surrogates, nothing above U+10FFFF.

Every byte is judged by the three before it, which needs compares only and no table, so that it is one
run of vector code on any processor. Measured on one core, records of 1.4 KB: text with 8 % of its bytes
outside ASCII 1.9 GB/s with a loop over sequences, see `bench/kernels` for what it is now.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from llvmlite import ir
from numba import types

from transformer.kernels.bytesops import as_helper, below32, byte_at, bytes_at, equal32, size_of
from transformer.kernels.copying import memory
from transformer.kernels.jit import inlined, kernel
from transformer.schema.batch import U8

TEXT_GOOD: Final = 0
TEXT_NOT_UTF8: Final = 1
TEXT_ESCAPE: Final = 2

_ESC: Final = 0x1B
_WIDTH: Final = 32
_ALL = np.uint32(0xFFFFFFFF)
_1 = np.uint32(1)


@as_helper
def faults32(_typing: Any, data: Any, at: Any) -> Any:
    """uint32 mask of the bytes of data[at:at + 32] that no UTF-8 may have after the three before each.

    data: an array or its memory; the three bytes before `at` must lie in it too.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind = ir.VectorType(ir.IntType(8), _WIDTH)

        def back(steps: int) -> Any:
            at = builder.sub(arguments[1], ir.Constant(ir.IntType(64), steps))
            place = bytes_at(context, builder, signature.args[0], arguments[0], at, _WIDTH)
            return builder.load(builder.bitcast(place, kind.as_pointer()), align=1)

        def test(vector: Any, sign: str, byte: int) -> Any:
            return builder.icmp_unsigned(sign, vector, ir.Constant(kind, [byte] * _WIDTH))

        both = builder.and_
        byte, one, two, three = (back(steps) for steps in range(4))
        due = builder.or_(test(one, ">=", 0xC0), builder.or_(test(two, ">=", 0xE0), test(three, ">=", 0xF0)))
        continues = both(test(byte, ">=", 0x80), test(byte, "<", 0xC0))
        wrong = builder.xor(due, continues)
        for case in (
            both(test(one, "==", 0xE0), test(byte, "<", 0xA0)),  # overlong
            both(test(one, "==", 0xF0), test(byte, "<", 0x90)),  # overlong
            both(test(one, "==", 0xED), test(byte, ">=", 0xA0)),  # surrogate
            both(test(one, "==", 0xF4), test(byte, ">=", 0x90)),  # above U+10FFFF
            test(byte, ">=", 0xF5),
            both(test(byte, ">=", 0xC0), test(byte, "<", 0xC2)),  # overlong
        ):
            wrong = builder.or_(wrong, case)
        return builder.bitcast(wrong, ir.IntType(_WIDTH))

    return types.uint32(data, types.int64), generate


@inlined
def fault_at(data, at):  # type: ignore[no-untyped-def]
    """The same for one byte, at >= 3: for the end of an array."""
    byte, one = byte_at(data, at), byte_at(data, at - 1)
    two, three = byte_at(data, at - 2), byte_at(data, at - 3)
    due = one >= 0xC0 or two >= 0xE0 or three >= 0xF0
    return (
        due != (0x80 <= byte < 0xC0)
        or (one == 0xE0 and byte < 0xA0)
        or (one == 0xF0 and byte < 0x90)
        or (one == 0xED and byte >= 0xA0)
        or (one == 0xF4 and byte >= 0x90)
        or byte >= 0xF5
        or 0xC0 <= byte < 0xC2
    )


@inlined
def check_text(data, start, end):  # type: ignore[no-untyped-def]
    """TEXT_* of data[start:end], where three ASCII bytes stand before `start` and the last byte is ASCII.

    So it is within a record: the leader before, the terminator at the end. Not-UTF-8 wins over an
    escape, wherever they stand.
    """
    size = size_of(data)
    verdict = TEXT_GOOD
    pending = False
    at = start
    while at + _WIDTH <= size and at < end:
        wanted = _ALL if end - at >= _WIDTH else (_1 << np.uint32(end - at)) - _1
        high = ~below32(data, at, 0x80) & wanted
        # A block of ASCII is looked at only after one that was not: it may lack continuation bytes.
        if (high != 0 or pending) and faults32(data, at) & wanted != 0:
            return TEXT_NOT_UTF8
        pending = high != 0
        if equal32(data, at, _ESC) & wanted != 0:
            verdict = TEXT_ESCAPE
        at += _WIDTH
    while at < end:
        if fault_at(data, at):
            return TEXT_NOT_UTF8
        if byte_at(data, at) == _ESC:
            verdict = TEXT_ESCAPE
        at += 1
    return verdict


@kernel
def text_verdict(data: U8, start: int, end: int) -> int:
    """TEXT_* of data[start:end], 3 <= start <= end <= len(data); the condition of `check_text` holds."""
    return check_text(memory(data), start, end)
