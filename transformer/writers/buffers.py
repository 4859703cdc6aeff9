"""Memory for rendered batches, used again when the last array that shows it is gone.

Fresh memory costs a page fault for every piece that is written to: rendering MARCXML into it ran at 3.7
GB/s, the kernel alone into memory used before at 6.4; with this module a render took two thirds of the
time (interleaved, one core). ISO 2709 gains nothing, as it waits for digits. At most `KEPT` pieces wait
for their next use, until `give_up`; one more makes the one go that waits longest.
"""

from __future__ import annotations

from collections import deque
from typing import Final

import numpy as np

from transformer.schema.batch import U8

KEPT: Final = 4
GRAIN: Final = 1 << 20

# A deque's appends and pops are atomic: no lock, since `__del__` may run anywhere, also inside one.
_free: deque[U8] = deque(maxlen=KEPT)


class _Lent:
    """A piece of memory as the base of arrays; when it dies, all of them have."""

    def __init__(self, piece: U8) -> None:
        self.piece = piece
        self.__array_interface__ = piece.__array_interface__

    def __del__(self) -> None:
        _free.append(self.piece)


def lend(byte_count: int) -> U8:
    """uint8 array of at least `byte_count` bytes, with anything in it; it goes back by itself.

    A waiting piece that is too small, or more than four times too large, waits on: what is rendered of a
    window by turns, most of it and a twentieth, finds its own piece again each time.
    """
    for _ in range(len(_free)):
        try:
            piece = _free.popleft()
        except IndexError:
            break
        if byte_count <= len(piece) <= 4 * max(byte_count, GRAIN):
            return np.asarray(_Lent(piece))
        _free.append(piece)
    # An eighth more, so that the next partition, a little larger, finds room in it.
    return np.asarray(_Lent(np.empty((byte_count * 9 // 8 // GRAIN + 1) * GRAIN, np.uint8)))


def give_up() -> None:
    """Hand the waiting pieces back to the system: for a process that goes on with other work."""
    _free.clear()
