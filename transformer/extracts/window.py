"""Positioned reads of a file into a fresh buffer.

Windows, not memory maps: a map counts as resident memory, faults with SIGBUS when the file is cut short
while we read it, and locks files on Windows; a positioned read costs the same time.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from transformer.errors import ExtractError
from transformer.schema.batch import U8


def read_window(path: Path, byte_start: int, byte_count: int) -> U8:
    """uint8[byte_count] from `byte_start` on; shorter only where the file ends before.

    Raises ExtractError if the file cannot be read.
    """
    try:
        with path.open("rb", buffering=0) as file:
            file.seek(byte_start)
            window = np.empty(byte_count, np.uint8)
            view = memoryview(window.data)
            filled = 0
            while filled < byte_count:
                count = file.readinto(view[filled:])
                if not count:
                    break
                filled += count
    except OSError as error:
        raise ExtractError(
            f"cannot be read: {error.strerror}", str(path), next_step="Check the file and its permissions."
        ) from None
    return window[:filled]
