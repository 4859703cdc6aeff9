"""Is this text UTF-8, and does it hold escape sequences? Thirty-two bytes at a time where it is ASCII.

UTF-8 as in Unicode 16, table 3-7: no overlong forms, no surrogates, nothing above U+10FFFF.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from transformer.kernels.bytesops import below32, equal32, trailing_zeros
from transformer.kernels.jit import inlined, kernel
from transformer.schema.batch import U8

TEXT_GOOD: Final = 0
TEXT_NOT_UTF8: Final = 1
TEXT_ESCAPE: Final = 2

_ESC: Final = 0x1B
_ALL32 = np.uint32(0xFFFFFFFF)
_1 = np.uint32(1)


@inlined
def sequence_length(data, at, end):  # type: ignore[no-untyped-def]
    """Bytes of the well-formed sequence at `at` (its first byte is 0x80 or more); 0 if ill-formed."""
    first = data[at]
    if first < 0xC2 or first > 0xF4 or at + 1 >= end:
        return 0
    second = data[at + 1]
    if first < 0xE0:
        return 2 if second & 0xC0 == 0x80 else 0
    low = 0xA0 if first == 0xE0 else (0x90 if first == 0xF0 else 0x80)
    high = 0x9F if first == 0xED else (0x8F if first == 0xF4 else 0xBF)
    if second < low or second > high or at + 2 >= end or data[at + 2] & 0xC0 != 0x80:
        return 0
    if first < 0xF0:
        return 3
    if at + 3 >= end or data[at + 3] & 0xC0 != 0x80:
        return 0
    return 4


@inlined
def check_text(data, start, end):  # type: ignore[no-untyped-def]
    """TEXT_* of data[start:end]. Not-UTF-8 wins over an escape, wherever they stand."""
    size = data.shape[0]
    verdict = TEXT_GOOD
    at = start
    while at < end:
        if at + 32 <= size:
            wanted = _ALL32 if end - at >= 32 else (_1 << np.uint32(end - at)) - _1
            high = ~below32(data, at, 0x80) & wanted
            escape = equal32(data, at, _ESC) & wanted
            if high == 0:
                if escape != 0:
                    verdict = TEXT_ESCAPE
                at += 32
                continue
            ascii_run = trailing_zeros(high)
            if escape & ((_1 << np.uint32(ascii_run)) - _1) != 0:
                verdict = TEXT_ESCAPE
            at += ascii_run
        elif data[at] < 0x80:
            if data[at] == _ESC:
                verdict = TEXT_ESCAPE
            at += 1
            continue
        while at < end and data[at] >= 0x80:
            step = sequence_length(data, at, end)
            if step == 0:
                return TEXT_NOT_UTF8
            at += step
    return verdict


@kernel
def text_verdict(data: U8, start: int, end: int) -> int:
    """TEXT_* of data[start:end], 0 <= start <= end <= len(data)."""
    return check_text(data, start, end)
