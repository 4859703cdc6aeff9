"""How a run shares out the memory it may take.

    base      the interpreter, the libraries, compiled kernels: the same for every library
    windows   a window of an extract per thread, and what is made of it; while reading and writing
    database  what DuckDB may hold while the rules are applied; beyond it, it spills to the work folder

Windows and database are never there at once, so each may have what the base leaves. DuckDB counts its
buffers, not all that is allocated for it (tables that are read into it and drained from it): measured with
290 MiB for it, 200,000 bibs, the process grew by 550 while rules were applied, so two fifths are kept back.
Neither the share nor the number of threads changes a byte of what is written.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from transformer.errors import UsageError

MIB: Final = 1 << 20
BASE_BYTES: Final = 400 * MIB
"""A run of 2,000 bibs takes 390 MiB at most, whatever it may take."""
WINDOW_BYTES: Final = 230 * MIB
"""A window of 16 MiB, its records taken apart, edited, as MARCXML of 50 MiB: two peaked at 836 MiB in all."""
DATABASE_THREAD_BYTES: Final = 200 * MIB
"""Each thread of DuckDB pins some of its own: 200,000 bibs in 290 MiB went with one, not with two."""
LEAST_BYTES: Final = 1_000_000_000
UNKNOWN_MACHINE: Final = 4096 * MIB


@dataclass(frozen=True, slots=True)
class Budget:
    """database_bytes, database_threads: for DuckDB. threads: that may have a window at once."""

    database_bytes: int
    database_threads: int
    threads: int


def budget_of(memory_bytes: int | None, threads: int) -> Budget:
    """What a run may take in all (None: half of the machine), shared out. UsageError for too little."""
    total = machine_bytes() // 2 if memory_bytes is None else memory_bytes
    if total < LEAST_BYTES and memory_bytes is not None:
        raise UsageError(f"{total:,} bytes are too little memory for a run", "--memory", "1GB or more")
    rest = max(total, LEAST_BYTES) - BASE_BYTES
    database = rest * 3 // 5
    return Budget(
        database,
        max(1, min(threads, database // DATABASE_THREAD_BYTES)),
        max(1, min(threads, rest // WINDOW_BYTES)),
    )


def machine_bytes() -> int:
    """Memory that this process may have: of the machine, or of the container it is in."""
    known = []
    with contextlib.suppress(AttributeError, OSError, ValueError):
        known.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    for limit in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        with contextlib.suppress(OSError, ValueError):  # "max" is no number
            known.append(int(Path(limit).read_text("ascii")))
    return min((found for found in known if found > 0), default=UNKNOWN_MACHINE)


def let_go() -> None:
    """Give back to the system what Arrow and the C library hold for later: the phases need it at different
    times."""
    import pyarrow as pa

    pa.default_memory_pool().release_unused()
    with contextlib.suppress(OSError, AttributeError, TypeError):  # the GNU C library alone can
        ctypes.CDLL(None).malloc_trim(0)
