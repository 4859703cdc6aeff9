"""Wide copies for the emitting kernels: 32 bytes at a time, tested for special bytes on the way.

Contract of all: `to` and `source` are uint8 arrays, `at` and `from_` int64 positions counted from 0.
Nothing is checked: the caller makes sure that `at + 32 <= len(to)` and `from_ + 32 <= len(source)`
(1 byte for `peek` and `poke`). With TRANSFORMER_BOUNDSCHECK=1 each is replaced by a plain loop that does
check, so that tests find a caller who did not.

Why intrinsics: numba keeps a wrap-around test for signed indices, and LLVM does not turn a copy loop
with a test in it into vector code. Copy and test together, in the whole emit kernel on one core (GB/s of
XML, records of 1.4 KB, one run): a loop of bytes 0.9, 16 bytes a step 1.5, 32 bytes see `emit_marcxml`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from transformer.kernels.jit import BOUNDSCHECK, inlined, kernel

WIDTH = 32
"""Bytes that `copy_wide` and `copy_and_test` move at once."""

_BYTE = ir.IntType(8)


def _pointer(context: Any, builder: Any, array_type: Any, array: Any, index: Any) -> Any:
    """Address of array[index], without any check."""
    data = context.make_array(array_type)(context, builder, array).data
    return builder.gep(data, [index])


def _splat(vector: Any, value: int) -> Any:
    """A vector constant with the same byte in every place."""
    return ir.Constant(vector, [value] * vector.count)


def _copy_wide(_typing: Any, to: Any, at: Any, source: Any, from_: Any) -> Any:
    """to[at:at + 32] = source[from_:from_ + 32]."""
    vector = ir.VectorType(_BYTE, WIDTH)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        target = _pointer(context, builder, signature.args[0], args[0], args[1])
        origin = _pointer(context, builder, signature.args[2], args[2], args[3])
        block = builder.load(builder.bitcast(origin, vector.as_pointer()), align=1)
        builder.store(block, builder.bitcast(target, vector.as_pointer()), align=1)
        return context.get_dummy_value()

    return types.void(to, types.int64, source, types.int64), generate


def _copy_and_test(_typing: Any, to: Any, at: Any, source: Any, from_: Any) -> Any:
    """Copy 32 bytes; returns how many of them come before the first special one (32 = none is special)."""
    vector = ir.VectorType(_BYTE, WIDTH)
    mask = ir.IntType(WIDTH)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        target = _pointer(context, builder, signature.args[0], args[0], args[1])
        origin = _pointer(context, builder, signature.args[2], args[2], args[3])
        block = builder.load(builder.bitcast(origin, vector.as_pointer()), align=1)
        builder.store(block, builder.bitcast(target, vector.as_pointer()), align=1)
        # `<` and `>` differ in one bit, so one compare finds both.
        angle = builder.icmp_unsigned("==", builder.or_(block, _splat(vector, 2)), _splat(vector, 0x3E))
        found = builder.or_(angle, builder.icmp_unsigned("<", block, _splat(vector, 0x20)))
        for special in (0x26, 0xEF):
            found = builder.or_(found, builder.icmp_unsigned("==", block, _splat(vector, special)))
        bits = builder.bitcast(found, mask)
        count = builder.cttz(bits, ir.Constant(ir.IntType(1), 0))
        return builder.zext(count, ir.IntType(64))

    return types.int64(to, types.int64, source, types.int64), generate


def _peek(_typing: Any, source: Any, from_: Any) -> Any:
    """source[from_] as int64."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.zext(
            builder.load(_pointer(context, builder, signature.args[0], args[0], args[1])), ir.IntType(64)
        )

    return types.int64(source, types.int64), generate


def _poke(_typing: Any, to: Any, at: Any, value: Any) -> Any:
    """to[at] = value, the lowest byte of an integer."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        target = _pointer(context, builder, signature.args[0], args[0], args[1])
        builder.store(builder.trunc(args[2], _BYTE), target)
        return context.get_dummy_value()

    return types.void(to, types.int64, types.int64), generate


def is_special(byte: int) -> bool:
    """A byte of text that cannot just be copied: & < >, a control character, or the lead byte of U+FFFF."""
    return byte < 0x20 or byte == 0x26 or byte == 0x3C or byte == 0x3E or byte == 0xEF


def _copy_short(to: Any, at: int, source: Any, from_: int, count: int) -> int:
    """`copy_and_test` by the byte, for at most `count` bytes: near the end of an array."""
    for i in range(count):
        to[at + i] = source[from_ + i]
        if special(source[from_ + i]):
            return i
    return WIDTH


def _copy_run(to: Any, at: int, source: Any, from_: int, count: int) -> None:
    """to[at:at + count] = source[from_:from_ + count]; may write up to 31 bytes more behind it in `to`."""
    done = 0
    while done < count and from_ + done + WIDTH <= len(source):
        copy_wide(to, at + done, source, from_ + done)
        done += WIDTH
    for i in range(done, count):
        poke(to, at + i, peek(source, from_ + i))


def _checked_copy_wide(to: Any, at: int, source: Any, from_: int) -> None:
    """`copy_wide` with checked indices."""
    assert at >= 0 and from_ >= 0
    for i in range(WIDTH):
        to[at + i] = source[from_ + i]


def _checked_copy_and_test(to: Any, at: int, source: Any, from_: int) -> int:
    """`copy_and_test` with checked indices."""
    assert at >= 0 and from_ >= 0
    first = WIDTH
    for i in range(WIDTH):
        to[at + i] = source[from_ + i]
        if first == WIDTH and special(source[from_ + i]):
            first = i
    return first


def _checked_peek(source: Any, from_: int) -> int:
    """`peek` with a checked index."""
    assert from_ >= 0
    return int(source[from_])


def _checked_poke(to: Any, at: int, value: int) -> None:
    """`poke` with a checked index."""
    assert at >= 0
    to[at] = value & 0xFF


Helper = Callable[..., Any]
special: Helper = inlined(is_special)
copy_short: Helper = inlined(_copy_short)
copy_wide: Helper = inlined(_checked_copy_wide) if BOUNDSCHECK else intrinsic(_copy_wide)
copy_and_test: Helper = inlined(_checked_copy_and_test) if BOUNDSCHECK else intrinsic(_copy_and_test)
peek: Helper = inlined(_checked_peek) if BOUNDSCHECK else intrinsic(_peek)
poke: Helper = inlined(_checked_poke) if BOUNDSCHECK else intrinsic(_poke)
copy_run: Helper = kernel(_copy_run)
