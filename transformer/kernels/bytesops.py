"""Small machine words about bytes, shared by all kernels: wide compares, words, bit counts, copies.

Each takes either a uint8 array or its `memory` (a pair of address and size, see kernels/copying.py), and
an index from 0. In hot loops use the pair: numba counts references to an array at every call and every
branch, and a loop over fields ran 5.6 times as fast with pairs. The wide ones read or write a fixed
number of bytes from the index on and do **not** look where the array ends: the caller keeps
`at + width <= size`. Compiled with TRANSFORMER_BOUNDSCHECK=1 all check it and raise IndexError, so that
tests see a breach.

A mask has bit k set where byte `at + k` meets the condition. LLVM makes one vector compare of it (two
or four on processors with narrower registers), so a run of 32 or 64 bytes is tested in a few cycles:
7.4 GB/s a core for three delimiters at once, against 1.2 for a loop over bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from transformer.kernels.jit import BOUNDSCHECK, inlined

Helper = Callable[..., Any]

_BYTE = ir.IntType(8)
_WORD = ir.IntType(64)


def as_helper(function: Helper) -> Helper:
    """numba's `intrinsic`, typed so that calls without its first argument are right."""
    return cast(Helper, intrinsic(function))


def bytes_at(context: Any, builder: Any, kind: Any, bytes_: Any, at: Any, width: int) -> Any:
    """For intrinsics: pointer to byte `at` of an array or memory of which `width` bytes will be touched."""
    if isinstance(kind, types.Array):
        array = cgutils.create_struct_proxy(kind)(context, builder, bytes_)
        address, size = builder.ptrtoint(array.data, _WORD), array.nitems
    else:
        address, size = builder.extract_value(bytes_, 0), builder.extract_value(bytes_, 1)
    if BOUNDSCHECK:
        behind = builder.icmp_signed(">", builder.add(at, ir.Constant(_WORD, width)), size)
        before = builder.icmp_signed("<", at, ir.Constant(_WORD, 0))
        with builder.if_then(builder.or_(behind, before), likely=False):
            context.call_conv.return_user_exc(builder, IndexError, ("access outside its bytes",))
    return builder.inttoptr(builder.add(address, at), _BYTE.as_pointer())


@as_helper
def size_of(_typing: Any, bytes_: Any) -> Any:
    """How many bytes an array or memory has, int64."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        if isinstance(signature.args[0], types.Array):
            return cgutils.create_struct_proxy(signature.args[0])(context, builder, arguments[0]).nitems
        return builder.extract_value(arguments[0], 1)

    return types.int64(bytes_), generate


def _load(bits: int, result: Any) -> Helper:
    """A helper (bytes, index) -> integer of so many bits, little-endian, unaligned."""
    kind = ir.IntType(bits)

    @as_helper
    def load(_typing: Any, bytes_: Any, at: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            place = bytes_at(context, builder, signature.args[0], arguments[0], arguments[1], bits // 8)
            word = builder.load(builder.bitcast(place, kind.as_pointer()), align=1)
            return builder.zext(word, _WORD) if bits < 32 else word

        return result(bytes_, types.int64), generate

    return load


def _store(bits: int, word_type: Any) -> Helper:
    """A helper (bytes, index, integer) that writes so many bits, little-endian, unaligned."""
    kind = ir.IntType(bits)

    @as_helper
    def store(_typing: Any, bytes_: Any, at: Any, word: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            place = bytes_at(context, builder, signature.args[0], arguments[0], arguments[1], bits // 8)
            builder.store(arguments[2], builder.bitcast(place, kind.as_pointer()), align=1)
            return context.get_dummy_value()

        return types.void(bytes_, types.int64, word_type), generate

    return store


def _compare(width: int, result: Any, predicate: str) -> Helper:
    """A helper (bytes, index, byte) -> mask of the bytes that are `==` or (unsigned) `<` byte."""
    kind = ir.VectorType(_BYTE, width)
    lanes = ir.Constant(ir.VectorType(ir.IntType(32), width), [0] * width)
    nothing = ir.Constant(kind, ir.Undefined)

    @as_helper
    def mask(_typing: Any, bytes_: Any, at: Any, byte: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            place = bytes_at(context, builder, signature.args[0], arguments[0], arguments[1], width)
            block = builder.load(builder.bitcast(place, kind.as_pointer()), align=1)
            one = builder.insert_element(nothing, arguments[2], ir.Constant(ir.IntType(32), 0))
            hit = builder.icmp_unsigned(predicate, block, builder.shuffle_vector(one, nothing, lanes))
            return builder.bitcast(hit, ir.IntType(width))

        return result(bytes_, types.int64, types.uint8), generate

    return mask


def _copy(width: int) -> Helper:
    """A helper (to, to index, from, from index): `width` bytes at once; the two do not overlap."""
    kind = ir.VectorType(_BYTE, width).as_pointer()

    @as_helper
    def copy(_typing: Any, to: Any, to_at: Any, source: Any, source_at: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            target, origin = (
                builder.bitcast(
                    bytes_at(context, builder, signature.args[i], arguments[i], arguments[i + 1], width), kind
                )
                for i in (0, 2)
            )
            builder.store(builder.load(origin, align=1), target, align=1)
            return context.get_dummy_value()

        return types.void(to, types.int64, source, types.int64), generate

    return copy


@as_helper
def prefetch(_typing: Any, bytes_: Any, at: Any) -> Any:
    """Ask for the bytes at `at` to be brought near; does nothing else, and `at` may lie anywhere."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = builder.inttoptr(
            builder.add(builder.extract_value(arguments[0], 0), arguments[1]), _BYTE.as_pointer()
        )
        number = ir.IntType(32)
        call = builder.module.declare_intrinsic(
            "llvm.prefetch",
            [place.type],
            ir.FunctionType(ir.VoidType(), [place.type, number, number, number]),
        )
        builder.call(call, [place, number(0), number(3), number(1)])
        return context.get_dummy_value()

    return types.void(bytes_, types.int64), generate


def _bit_count(name: str) -> Helper:
    """A helper uint64 -> int64: set bits (`ctpop`) or zeros below the lowest set bit (`cttz`)."""

    @as_helper
    def count(_typing: Any, word: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            if name == "cttz":
                return builder.cttz(arguments[0], ir.Constant(ir.IntType(1), 0))
            return builder.ctpop(arguments[0])

        return types.int64(types.uint64), generate

    return count


byte_at = _load(8, types.int64)
"""byte_at(data, at): that byte, as int64."""
load4 = _load(32, types.uint32)
"""load4(data, at): data[at:at + 4] as a little-endian uint32."""
load8 = _load(64, types.uint64)
"""load8(data, at): data[at:at + 8] as a little-endian uint64."""
store4 = _store(32, types.uint32)
"""store4(data, at, word): write a uint32 to data[at:at + 4], little-endian."""
store8 = _store(64, types.uint64)
"""store8(data, at, word): write a uint64 to data[at:at + 8], little-endian."""

equal16 = _compare(16, types.uint16, "==")
"""equal16(data, at, byte): uint16 mask of the bytes of data[at:at + 16] equal to `byte`."""
below16 = _compare(16, types.uint16, "<")
"""below16(data, at, byte): uint16 mask of the bytes of data[at:at + 16] below `byte` (unsigned)."""
equal32 = _compare(32, types.uint32, "==")
"""equal32(data, at, byte): uint32 mask of the bytes of data[at:at + 32] equal to `byte`."""
below32 = _compare(32, types.uint32, "<")
"""below32(data, at, byte): uint32 mask of the bytes of data[at:at + 32] below `byte` (unsigned)."""
equal64 = _compare(64, types.uint64, "==")
"""equal64(data, at, byte): uint64 mask of the bytes of data[at:at + 64] equal to `byte`."""
below64 = _compare(64, types.uint64, "<")
"""below64(data, at, byte): uint64 mask of the bytes of data[at:at + 64] below `byte` (unsigned)."""

copy16 = _copy(16)
"""copy16(to, to_at, source, source_at): sixteen bytes, which do not overlap."""
copy32 = _copy(32)
"""copy32(to, to_at, source, source_at): thirty-two bytes, which do not overlap."""

ones = _bit_count("ctpop")
"""ones(mask): how many bits are set."""
trailing_zeros = _bit_count("cttz")
"""trailing_zeros(mask): place of the lowest set bit, 64 where none is set."""


@inlined
def find_byte(data, at, end, byte):  # type: ignore[no-untyped-def]
    """Index of the first `byte` in data[at:end], or `end`. Reads nothing at or after `end`."""
    while at + 32 <= end:
        hit = equal32(data, at, byte)
        if hit != 0:
            return at + trailing_zeros(hit)
        at += 32
    while at < end and byte_at(data, at) != byte:
        at += 1
    return at
