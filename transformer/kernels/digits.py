"""Decimal digits of leaders and directories as integers; -1 where a byte is no digit.

All take a uint8 array or its memory, and an index; the caller keeps the digits inside. Nine digits of a
directory entry are tested and read as one machine word, which costs less than nine table look-ups.
"""

from __future__ import annotations

import numpy as np

from transformer.kernels.bytesops import byte_at, load4, load8
from transformer.kernels.jit import inlined

_ZEROS8 = np.uint64(0x3030303030303030)
_ABOVE_NINE8 = np.uint64(0x7676767676767676)
_HIGH8 = np.uint64(0x8080808080808080)
_PAIRS8 = np.uint64(0x00FF00FF00FF00FF)
_QUADS8 = np.uint64(0x0000FFFF0000FFFF)
_TEN = np.uint64(10)
_HUNDRED = np.uint64(100)
_8 = np.uint64(8)
_16 = np.uint64(16)
_32 = np.uint64(32)
_LOW32 = np.uint64(0xFFFFFFFF)


@inlined
def digits5(data, at):  # type: ignore[no-untyped-def]
    """The number in data[at:at + 5], or -1. Blanks and signs are no digits."""
    number = np.int64(0)
    for step in range(5):
        digit = byte_at(data, at + step) - 48
        if digit < 0 or digit > 9:
            return np.int64(-1)
        number = number * 10 + digit
    return np.int64(number)


@inlined
def entry_numbers(data, at):  # type: ignore[no-untyped-def]
    """(field length, field start) of the directory entry at `at`, or (-1, -1) where not nine digits."""
    word = load8(data, at + 3) ^ _ZEROS8
    last = byte_at(data, at + 11) - 48
    if ((word + _ABOVE_NINE8) | word) & _HIGH8 != 0 or last < 0 or last > 9:
        return np.int64(-1), np.int64(-1)
    # Little-endian: the first digit is the lowest byte. Pairs, then fours, each in its own lane.
    pairs = (word * _TEN + (word >> _8)) & _PAIRS8
    fours = (pairs * _HUNDRED + (pairs >> _16)) & _QUADS8
    return np.int64(fours & _LOW32), np.int64(fours >> _32) * 10 + last


@inlined
def packed_tag(data, at):  # type: ignore[no-untyped-def]
    """data[at:at + 3] as `marc.pack_tag` packs it; the byte after must lie in the array too."""
    word = load4(data, at)
    low = np.uint32(0xFF)
    first, second, third = word & low, word >> np.uint32(8) & low, word >> np.uint32(16) & low
    return np.uint32(first << np.uint32(16) | second << np.uint32(8) | third)
