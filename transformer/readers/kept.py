"""Arrays that a thread uses again for its next partition, where nothing of them goes into a result.

A fresh array costs its pages: the system clears each when it is first written, and 40 MB of them for every
16 MiB read took as long as the kernels. Windows whose text is copied into a batch, and the arrays that a
kernel fills for the worst case, are such; they live as long as their thread.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from transformer.extracts.window import fill, opened
from transformer.schema.batch import U8

MOST: Final = 64 << 20
"""Bytes of one array; a larger one is made afresh, so that a thread does not hold on to it."""

_arrays = threading.local()


def kept(name: str, count: int, kind: npt.DTypeLike) -> npt.NDArray[Any]:
    """kind[count], filled with anything; the next call of this thread with the same name gives it again."""
    size = count * np.dtype(kind).itemsize
    if size > MOST:
        return np.empty(count, kind)
    held: U8 | None = getattr(_arrays, name, None)
    if held is None or len(held) < size:
        # Partitions differ a little in size: room for an eighth more spares the next array.
        held = np.empty(min(size + size // 8, MOST), np.uint8)
        setattr(_arrays, name, held)
    return held[:size].view(kind)


def kept_window(path: Path, byte_start: int, byte_count: int) -> U8:
    """As `extracts.window.read_window`, into an array of this thread: the next call overwrites it."""
    window = kept("window", byte_count, np.uint8)
    with opened(path) as file:
        file.seek(byte_start)
        filled = fill(file, window)
    return window[:filled]
