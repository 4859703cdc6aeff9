"""Speed of MARC-8: reading and writing it on one core. Beside yaz-marcdump: see bench/bytes.py.

Run: python -m pytest bench/kernels/test_marc8.py --benchmark-enable --benchmark-only -s
The bench's bibs are written as MARC-8 first, by our own writer.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bench.bytes_files import bytes_file
from bench.extracts import bib_file
from transformer.extracts.model import Source
from transformer.readers import iso2709
from transformer.writers import iso2709 as out
from transformer.writers.charset import render_marc8
from transformer.writers.marcxml import render

BIBS = 100_000


@pytest.fixture(scope="module")
def marc8() -> Path:
    """The bibs in MARC-8."""
    return bytes_file("marc8", BIBS)[0]


def measured(benchmark: Any, work: Any, byte_count: int) -> None:
    """Nine runs of `work`; GB/s of the best beside the times."""
    work()
    benchmark.pedantic(work, rounds=9, iterations=1)
    benchmark.extra_info["GB/s"] = round(byte_count / benchmark.stats.stats.min / 1e9, 2)


def test_read(benchmark: Any, marc8: Path) -> None:
    """One partition of MARC-8, to the batch."""
    partition = next(iso2709.partitions(Source(marc8, "iso2709")))
    measured(benchmark, lambda: iso2709.read(partition), partition.byte_count)


def test_read_utf8(benchmark: Any) -> None:
    """The same in UTF-8: the limit."""
    partition = next(iso2709.partitions(Source(bib_file(BIBS)[0], "iso2709")))
    measured(benchmark, lambda: iso2709.read(partition), partition.byte_count)


def test_read_and_render(benchmark: Any, marc8: Path) -> None:
    """One partition of MARC-8 to MARCXML."""
    partition = next(iso2709.partitions(Source(marc8, "iso2709")))
    measured(benchmark, lambda: render(iso2709.read(partition).batch), partition.byte_count)


def test_write(benchmark: Any) -> None:
    """One partition of UTF-8, read before, to MARC-8."""
    partition = next(iso2709.partitions(Source(bib_file(BIBS)[0], "iso2709")))
    batch = iso2709.read(partition).batch
    out.render(batch)
    measured(benchmark, lambda: render_marc8(batch), partition.byte_count)
