"""What a command keeps of freed memory, and what it does not look through for cycles."""

from __future__ import annotations

import platform
import subprocess
import sys

import pytest

WORK = """
import ctypes, resource, sys
from transformer.cli.memory import keep_freed

libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]
if sys.argv[1] == "keep":
    assert keep_freed()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(20):
    blocks = [libc.malloc(16 << 20) for _ in range(5)]
    for block in blocks:
        ctypes.memset(block, 1, 16 << 20)
    for block in blocks:
        libc.free(block)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""
PAGES = 5 * (16 << 20) // 4096
"""Of the blocks that are there at once."""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="a setting of the GNU C library")
def test_blocks_of_memory_are_asked_of_the_system_once() -> None:
    plain, kept = (
        int(subprocess.run([sys.executable, "-c", WORK, how], capture_output=True, check=True).stdout)
        for how in ("plain", "keep")
    )
    assert plain > 10 * PAGES  # were it not so, nothing would have to be set
    assert kept < 2 * PAGES


LOAD = """
import gc, sys
from transformer.cli.memory import keep_freed, load

if sys.argv[1] == "alone":
    keep_freed()
load("transformer.pipeline.run")
assert gc.isenabled()
assert "duckdb" not in sys.modules  # it would print a page about what it misses
print(gc.get_freeze_count())
"""


def test_only_a_command_sets_what_it_imported_apart() -> None:
    alone, library = (
        int(subprocess.run([sys.executable, "-c", LOAD, how], capture_output=True, check=True).stdout)
        for how in ("alone", "library")
    )
    assert alone > 20_000
    assert library == 0
