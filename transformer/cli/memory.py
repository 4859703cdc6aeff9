"""Memory of a command that was given back stays with the process until a phase of its work is over.

A window of an extract takes the same few blocks again and again: 16 MiB of bytes, their offsets, what is made
of them. The C library gives each back to the system when it is freed, and the system clears every page
before it gives it out anew. Measured with a run of 1,000,000 bibs, two processors: 22 of 75 processor
seconds were the system's so, 16 of 67 with the two settings here; peak memory was the same.

They hold for the whole process, so the command makes them, never the library: a notebook has its own mind
about memory. `pipeline.memory.let_go` gives everything back between the phases.

The same goes for Python's own looks for objects that hold one another. What modules are made of stays till
the end, 70,000 objects, most of them numba's; they were looked through while they were imported, many times
while a run was under way, and once more at its end.
"""

from __future__ import annotations

import gc
import sys
from importlib import import_module
from typing import Final

M_TRIM_THRESHOLD: Final = -1
M_MMAP_THRESHOLD: Final = -3
"""Numbers of settings in <malloc.h> of the GNU C library."""
KEPT_BYTES: Final = (1 << 31) - 1
"""Free bytes at the end of the heap that are kept: the largest number that mallopt takes."""
LARGEST_BYTES: Final = 32 << 20
"""From this size on a block is asked of the system by itself: the largest that mallopt takes on 64 bits."""


_alone = False


def keep_freed() -> bool:
    """Make the settings; False where the C library has none of them (other systems, other libraries).

    Called where the process does this one command and nothing else."""
    global _alone
    _alone = True
    if sys.platform != "linux":
        return False
    import ctypes

    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    return bool(mallopt(M_MMAP_THRESHOLD, LARGEST_BYTES)) and bool(mallopt(M_TRIM_THRESHOLD, KEPT_BYTES))


def load(module: str) -> None:
    """Import a module, with all that it imports; after `keep_freed` all objects that are there then are set
    apart from what Python looks through for cycles.

    Measured with a run of 1,000 bibs, four pairs: 3.1 processor seconds in the place of 3.8, 0.12 of them
    after the work is done in the place of 0.34. What counts its objects at the end, as DuckDB does, must not
    be there yet: it would miss those that are set apart.
    """
    if not _alone:
        import_module(module)
        return
    gc.disable()
    try:
        import_module(module)
    finally:
        gc.freeze()
        gc.enable()
