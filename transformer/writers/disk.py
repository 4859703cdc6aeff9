"""Big sequential writes past the page cache, where the system can.

A delivery is written once and read by another program later; keeping gigabytes of it in memory only
drives out what is still needed, and costs more than the disk does. Writing 4.2 GB of MARCXML, one
thread, 2 cores, virtual disk, seconds of wall clock and of the kernel's work:

    through the page cache     5 to 18 s   (2.3 to 11 s of it in the kernel: finding and clearing pages)
    past it, blocks of 4 MiB   2 to 3.2 s  (0.3 s)

So bytes are gathered into two aligned blocks, and a thread writes one while the other is filled. Linux
alone offers this for ordinary files; elsewhere, on file systems that refuse, for small files, and on a
disk slower than `SLOW_BYTES_PER_S` (where the page cache lets us end sooner than the disk could) bytes
go the usual way. The file is the same in every case.
"""

from __future__ import annotations

import io
import mmap
import os
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final

BLOCK_BYTES: Final = 4 << 20
"""Size of a block. 1 MiB made 1.1 GB/s, 4 MiB 2.3, 16 MiB 1.4 in one run."""
TRIAL_BLOCKS: Final = 16
"""After so many blocks it is known how fast the disk is."""
SLOW_BYTES_PER_S: Final = 200_000_000

_DIRECT: Final = getattr(os, "O_DIRECT", 0)


class BlockFile:
    """A new file, written front to back. `path` is replaced if it exists.

    write() may keep bytes back until a block is full; close() writes all. Raises OSError, at the latest
    in close(): a full disk is seen a block later than it happens.
    """

    def __init__(self, path: Path) -> None:
        self._file = io.FileIO(path, "w")
        # Anonymous maps begin at a page, as writing past the page cache demands.
        self._views = [memoryview(mmap.mmap(-1, BLOCK_BYTES)) for _ in range(2)]
        self._current = self._filled = 0
        self._direct = False
        self._written_blocks = 0
        self._spent_s = 0.0
        self._pool: ThreadPoolExecutor | None = None
        self._pending: Future[None] | None = None

    def write(self, data: memoryview) -> None:
        """Append bytes (a flat view of single bytes)."""
        at, count = 0, len(data)
        while at < count:
            step = min(count - at, BLOCK_BYTES - self._filled)
            self._views[self._current][self._filled : self._filled + step] = data[at : at + step]
            self._filled += step
            at += step
            if self._filled == BLOCK_BYTES:
                self._hand_over()

    def close(self) -> None:
        """Write what is left, in the usual way, and close. Safe to call twice."""
        if self._file.closed:
            return
        try:
            self._wait()
            if self._filled:
                self._set_direct(False)
                _write_all(self._file, self._views[self._current][: self._filled])
                self._filled = 0
        finally:
            self._release()

    def abandon(self) -> None:
        """Close without writing what is left; never raises."""
        try:
            if self._pending is not None:
                self._pending.exception()
        finally:
            self._release()

    def _release(self) -> None:
        if self._pool is not None:
            self._pool.shutdown()
        self._pending = None
        # The blocks go when nobody holds a view of them any more: an error's traceback may.
        self._views.clear()
        self._file.close()

    def _hand_over(self) -> None:
        """Give the full block to the writing thread and go on with the other."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, thread_name_prefix="transformer-disk")
            self._set_direct(True)
        self._wait()
        self._pending = self._pool.submit(self._write_block, self._views[self._current])
        self._current, self._filled = 1 - self._current, 0

    def _wait(self) -> None:
        if self._pending is not None:
            pending, self._pending = self._pending, None
            pending.result()

    def _write_block(self, block: memoryview) -> None:
        began = time.perf_counter()
        try:
            _write_all(self._file, block)
        except OSError:
            if not self._direct:
                raise
            # Some file systems take the flag and refuse the write: nothing of the block is written then.
            self._set_direct(False)
            _write_all(self._file, block)
        self._spent_s += time.perf_counter() - began
        self._written_blocks += 1
        if self._direct and self._written_blocks == TRIAL_BLOCKS:
            self._set_direct(TRIAL_BLOCKS * BLOCK_BYTES / self._spent_s >= SLOW_BYTES_PER_S)

    def _set_direct(self, on: bool) -> None:
        """Switch writing past the page cache on or off, where there is such a switch."""
        if not _DIRECT or on == self._direct:
            return
        import fcntl

        handle = self._file.fileno()
        flags = fcntl.fcntl(handle, fcntl.F_GETFL)
        try:
            fcntl.fcntl(handle, fcntl.F_SETFL, flags | _DIRECT if on else flags & ~_DIRECT)
            self._direct = on
        except OSError:
            self._direct = False


def _write_all(file: io.FileIO, data: memoryview) -> None:
    """Write every byte, however little the system takes at a time."""
    while len(data):
        count = file.write(data)
        data = data[count or 0 :]
