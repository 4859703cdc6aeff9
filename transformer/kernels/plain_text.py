"""Is a run of bytes text? UTF-8 of one row, and control characters of a whole column."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from transformer.kernels.bytesops import below32
from transformer.kernels.jit import kernel

U8 = npt.NDArray[np.uint8]


@kernel
def sequence_width(data: U8, at: int, end: int) -> int:
    """Bytes of the UTF-8 sequence at `at`, which begins with a byte above 0x7F; 0 if it is none.

    Well-formed by table 3-7 of Unicode 16: no overlong forms, no surrogates, nothing above U+10FFFF. What
    reaches beyond `end` is none.
    """
    first = data[at]
    if first < 0xC2 or first > 0xF4:
        return 0
    width = 2 + (first >= 0xE0) + (first >= 0xF0)
    if at + width > end:
        return 0
    low = 0xA0 if first == 0xE0 else (0x90 if first == 0xF0 else 0x80)
    high = 0x9F if first == 0xED else (0x8F if first == 0xF4 else 0xBF)
    if data[at + 1] < low or data[at + 1] > high:
        return 0
    for i in range(at + 2, at + width):
        if data[i] & 0xC0 != 0x80:
            return 0
    return width


@kernel
def is_utf8(data: U8, at: int, end: int) -> bool:
    """True if data[at:end] is UTF-8, 0 <= at <= end <= len(data).

    Thirty-two bytes at a time until the first one that is not ASCII, then by the character up to the next
    ASCII. (The judge in `utf8` is faster on text that is not ASCII, but wants three bytes before the text
    and a terminator behind it; the first row of a file has no such neighbours.)
    """
    while at < end:
        if at + 32 <= end and below32(data, at, 0x80) == 0xFFFFFFFF:
            at += 32
            continue
        stop = min(at + 32, end)
        while at < stop:
            if data[at] < 0x80:
                at += 1
                continue
            width = sequence_width(data, at, end)
            if width == 0:
                return False
            at += width
    return True


@kernel
def has_control(data: U8) -> bool:
    """True if data (uint8[n], UTF-8) holds a character of Unicode's category Cc: U+0000 to U+001F, U+007F,
    U+0080 to U+009F (in UTF-8 0xC2 and then 0x80 to 0x9F)."""
    found = np.uint8(0)
    before = np.uint8(0)
    for i in range(len(data)):
        byte = data[i]
        found |= (byte < 0x20) | (byte == 0x7F) | ((before == 0xC2) & (byte < 0xA0))
        before = byte
    return found != 0
