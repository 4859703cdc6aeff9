"""One run at a time in a library's folder: a lock of the operating system, gone when the process is.

The lock file holds one line about its owner (process, since when), so that who meets it knows whom to
wait for. It is never a leftover: what counts is the system's lock, not that the file exists.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from transformer.errors import MachineError


@contextlib.contextmanager
def run_lock(path: Path) -> Iterator[None]:
    """Hold the lock while the block runs. Raises MachineError, naming the owner, where it is held."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        if not _try_lock(handle):
            owner = (
                os.pread(handle, 200, 1).decode("utf-8", "replace").strip() if hasattr(os, "pread") else ""
            )
            raise MachineError(
                "another run is at work in this library",
                str(path.parent),
                next_step=f"Wait for it to end{f' ({owner})' if owner else ''}, then run again.",
            )
        # Byte 0 is what Windows locks; the words stand behind it.
        since = time.strftime("%Y-%m-%d %H:%M:%S")
        os.ftruncate(handle, 0)
        os.write(handle, f" process {os.getpid()}, since {since}\n".encode())
        yield
    finally:
        os.close(handle)


def _try_lock(handle: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
