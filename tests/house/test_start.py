"""Help and wrong words come at once: within 0.3 s of processor time, and without loading anything heavy."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time

import pytest

LIMIT_S = 0.3
HEAVY = ("numba", "numpy", "pyarrow", "duckdb", "pydantic", "lxml", "pymarc", "rich", "orjson")

WORDS = [
    ["--help"],
    ["convert", "--help"],
    ["runn"],
    ["convert", "nowhere.mrc", "out.xml"],
    ["convert", "nowhere.mrc", "out.pdf", "--parts", "0"],
    ["run", "nowhere"],
    ["init", "nosuchsystem", "nowhere"],
]

LOADED = """
import sys
from transformer.cli.main import main
main({words!r})
print(sorted({heavy!r} & {{name.split(".")[0] for name in sys.modules}}), file=sys.stdout)
"""


def start_s(words: list[str]) -> float:
    """Seconds of processor time of one start, start-up of Python included; of wall clock on Windows."""
    if os.name == "nt":
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "transformer", *words], capture_output=True, check=False)
        return time.perf_counter() - began
    import resource

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-m", "transformer", *words], capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_help_and_wrong_words_come_at_once(words: list[str]) -> None:
    start_s(words)  # the first start after a change compiles our own modules
    assert statistics.median(start_s(words) for _ in range(5)) < LIMIT_S


@pytest.mark.parametrize("words", WORDS, ids=" ".join)
def test_help_and_wrong_words_load_nothing_heavy(words: list[str]) -> None:
    code = LOADED.format(words=words, heavy=set(HEAVY))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_bare_import_loads_nothing_heavy() -> None:
    code = f"import sys, transformer; print(sorted({set(HEAVY)!r} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
