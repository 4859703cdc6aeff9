"""Text in an encoding of one byte a character, as UTF-8, by a table of 256 entries.

table: uint8[256, 4]; row b holds the number of UTF-8 bytes of the character (1 to 3), then these bytes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from transformer.kernels.jit import kernel

U8 = npt.NDArray[np.uint8]
I32 = npt.NDArray[np.int32]


@kernel
def widened_size(data: U8, table: Any) -> int:
    """Bytes that `data` has in UTF-8."""
    size = 0
    for i in range(len(data)):
        size += table[data[i], 0]
    return size


@kernel
def widen(data: U8, offset: I32, table: Any, out: U8, out_offset: I32) -> bool:
    """Write the values of a column as UTF-8: False, with nothing promised, where `out` is too small.

    offset: int32[V + 1], value v is data[offset[v]:offset[v + 1]]; out_offset: int32[V + 1], the same
    for `out`, uint8[>= widened_size].
    """
    if len(out_offset) < len(offset):
        return False
    to = 0
    out_offset[0] = 0
    for value in range(len(offset) - 1):
        for i in range(offset[value], offset[value + 1]):
            byte = data[i]
            width = table[byte, 0]
            if to + width > len(out):
                return False
            for k in range(width):
                out[to + k] = table[byte, 1 + k]
            to += width
        out_offset[value + 1] = to
    return True
