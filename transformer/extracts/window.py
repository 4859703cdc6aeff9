"""Positioned reads of a file into buffers.

Windows, not memory maps: a map counts as resident memory, faults with SIGBUS when the file is cut short
while we read it, and locks files on Windows; a positioned read costs the same time.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

import numpy as np

from transformer.errors import ExtractError
from transformer.schema.batch import U8


@contextmanager
def opened(path: Path) -> Iterator[FileIO]:
    """The file, unbuffered, for reading. Raises ExtractError if it cannot be opened.

    What goes wrong in the `with` block is not blamed on the file: kernels compile there, and writing them to
    disk may fail.
    """
    try:
        file = path.open("rb", buffering=0)
    except OSError as error:
        raise unreadable(error, path) from None
    with file:
        yield file


def fill(file: FileIO, buffer: U8) -> int:
    """Read from where the file stands until `buffer` is full or the file ends: number of bytes read.

    Raises ExtractError if the file cannot be read.
    """
    view = memoryview(buffer.data)
    filled = 0
    try:
        while filled < len(view):
            count = file.readinto(view[filled:])
            if not count:
                break
            filled += count
    except OSError as error:
        raise unreadable(error, file.name) from None
    return filled


def unreadable(error: OSError, path: object) -> ExtractError:
    """The operating system's reason for not letting us read a file, in our words."""
    return ExtractError(
        f"cannot be read: {error.strerror}", str(path), next_step="Check the file and its permissions."
    )


def read_window(path: Path, byte_start: int, byte_count: int) -> U8:
    """uint8[byte_count] from `byte_start` on; shorter only where the file ends before.

    Raises ExtractError if the file cannot be read.
    """
    window = np.empty(byte_count, np.uint8)
    with opened(path) as file:
        file.seek(byte_start)
        filled = fill(file, window)
    return window[:filled]
