"""Does text hold control characters? Looked at a whole column at once, since almost none does."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from transformer.kernels.jit import kernel

U8 = npt.NDArray[np.uint8]


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
