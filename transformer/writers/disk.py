"""Big sequential writes past the page cache, where the system can.

A delivery is written once and read by another program later; keeping gigabytes of it in memory only
drives out what is still needed, and costs more than the disk does. Writing 4.2 GB of MARCXML, one
thread, 2 cores, virtual disk, seconds of wall clock and of the kernel's work:

    through the page cache     5 to 18 s   (2.3 to 11 s of it in the kernel: finding and clearing pages)
    past it, blocks of 4 MiB   2 to 3.2 s  (0.3 s)

So bytes are gathered into aligned blocks, and a thread writes full ones while others are filled. What is
rendered comes in bursts of 30 MB, faster than the disk takes them: with two blocks a file, its writer waited
a fifth of its time, and the disk had nothing to do while the next window was rendered. Eight hold a burst.
They serve one file after the other: fresh ones took 44,000 page faults for 1.4 GB, half of all that writing
a delivery took. Linux alone offers the way past the cache for ordinary files; elsewhere, on file systems
that refuse, for small files, and on a disk slower than `SLOW_BYTES_PER_S` (where the page cache lets us end
sooner than the disk could) bytes go the usual way. The file is the same in every case.
"""

from __future__ import annotations

import contextlib
import io
import mmap
import os
import time
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final

BLOCK_BYTES: Final = 4 << 20
"""Size of a block. 1 MiB made 1.1 GB/s, 4 MiB 2.3, 16 MiB 1.4 in one run."""
FILE_BLOCKS: Final = 8
"""Blocks that a file may have at once."""
WAITING_BLOCKS: Final = 16
"""Blocks of ended files that are kept for the next ones."""
TRIAL_BLOCKS: Final = 16
"""After so many blocks it is known how fast the disk is."""
SLOW_BYTES_PER_S: Final = 200_000_000

_DIRECT: Final = getattr(os, "O_DIRECT", 0)
_waiting: deque[mmap.mmap] = deque(maxlen=WAITING_BLOCKS)


class BlockFile:
    """A new file, written front to back. `path` is replaced if it exists.

    write() may keep bytes back until a block is full; close() writes all. Raises OSError, at the latest
    in close(): a full disk is seen some blocks later than it happens.
    """

    def __init__(self, path: Path) -> None:
        self._file = io.FileIO(path, "w")
        self._blocks = [_block()]
        self._view = memoryview(self._blocks[0])
        self._filled = 0
        self._direct = False
        self._written_blocks = 0
        self._spent_s = 0.0
        self._pool: ThreadPoolExecutor | None = None
        self._pending: deque[Future[memoryview]] = deque()

    def write(self, data: memoryview) -> None:
        """Append bytes (a flat view of single bytes)."""
        at, count = 0, len(data)
        while at < count:
            step = min(count - at, BLOCK_BYTES - self._filled)
            self._view[self._filled : self._filled + step] = data[at : at + step]
            self._filled += step
            at += step
            if self._filled == BLOCK_BYTES:
                self._hand_over()

    def close(self) -> None:
        """Write what is left, in the usual way, and close. Safe to call twice."""
        if self._file.closed:
            return
        try:
            while self._pending:
                self._wait()
            if self._filled:
                self._set_direct(False)
                _write_all(self._file, self._view[: self._filled])
                self._filled = 0
        finally:
            self._release()

    def abandon(self) -> None:
        """Close without writing what is left; never raises."""
        for future in self._pending:
            future.cancel()
        self._release()

    def _release(self) -> None:
        if self._pool is not None:
            self._pool.shutdown()
        self._pending.clear()
        _waiting.extend(self._blocks)
        self._blocks.clear()
        self._file.close()

    def _hand_over(self) -> None:
        """Give the full block to the writing thread and go on with another."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, thread_name_prefix="transformer-disk")
            self._set_direct(True)
        self._pending.append(self._pool.submit(self._write_block, self._view))
        self._filled = 0
        if len(self._blocks) < FILE_BLOCKS and not self._pending[0].done():
            self._blocks.append(_block())
            self._view = memoryview(self._blocks[-1])
        else:
            self._view = self._wait()

    def _wait(self) -> memoryview:
        """The block that was handed over first, once it is written."""
        return self._pending.popleft().result()

    def _write_block(self, block: memoryview) -> memoryview:
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
        return block

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


def _block() -> mmap.mmap:
    """Memory for a block, which begins at a page, as writing past the page cache demands."""
    while True:
        try:
            block = _waiting.pop()
        except IndexError:
            return _fresh_block()
        if len(block) == BLOCK_BYTES:
            return block


def _fresh_block() -> mmap.mmap:
    """Private, as shared memory is slower to get; in huge pages where the system has them."""
    if not hasattr(mmap, "MAP_PRIVATE"):
        return mmap.mmap(-1, BLOCK_BYTES)
    block = mmap.mmap(-1, BLOCK_BYTES, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        with contextlib.suppress(OSError):
            block.madvise(mmap.MADV_HUGEPAGE)
    return block


def _write_all(file: io.FileIO, data: memoryview) -> None:
    """Write every byte, however little the system takes at a time."""
    while len(data):
        count = file.write(data)
        data = data[count or 0 :]
