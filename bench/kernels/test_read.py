"""Speed of the reading side on one core, in bytes of ISO 2709 (`extra_info`), beside the read alone.

Run: python -m pytest bench/kernels/test_read.py --benchmark-enable --benchmark-only
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from bench.extracts import bib_file
from transformer.extracts.model import Partition, Source
from transformer.extracts.window import read_window
from transformer.kernels.utf8 import TEXT_GOOD, text_verdict
from transformer.readers import columns, iso2709, tables

BIBS = 20_000
SEVEN = (
    ("001", "first"), ("100a", "first"), ("245a", "first"), ("245b", "first"), ("264c", "first"),
    ("020a", "list"), ("650a", "list"),
)  # fmt: skip


@pytest.fixture(scope="module")
def source() -> Source:
    """The bench's bibs."""
    path, _ = bib_file(BIBS)
    return Source(path, "iso2709")


@pytest.fixture(scope="module")
def partition(source: Source) -> Partition:
    """Their first partition."""
    return next(iso2709.partitions(source))


def measured(benchmark: Any, work: Callable[[], Any], byte_count: int) -> None:
    """Nine runs of `work`; GB/s of the best beside the times."""
    work()  # compiled, and the processor awake
    benchmark.pedantic(work, rounds=9, iterations=1)
    benchmark.extra_info["GB/s"] = round(byte_count / benchmark.stats.stats.min / 1e9, 2)


def test_window(benchmark: Any, partition: Partition) -> None:
    """The limit: the partition's bytes read into fresh memory."""
    path, count = partition.source.path, partition.byte_count
    measured(benchmark, lambda: read_window(path, partition.byte_start, count), count)


def test_boundary_pass(benchmark: Any, source: Source) -> None:
    """The whole file divided into spans and partitions."""
    measured(benchmark, lambda: list(iso2709.partitions(source)), source.path.stat().st_size)


def test_utf8(benchmark: Any, partition: Partition) -> None:
    """The check of text alone, over the partition as one text."""
    window = read_window(partition.source.path, partition.byte_start, partition.byte_count)
    assert text_verdict(window, 24, len(window)) == TEXT_GOOD
    measured(benchmark, lambda: text_verdict(window, 24, len(window)), partition.byte_count)


def test_utf8_of_cyrillic(benchmark: Any) -> None:
    """The check where one byte of twenty-seven is ASCII."""
    window = np.frombuffer(bytearray(b"   " + "библио история".encode() * 300_000 + b" "), np.uint8)
    assert text_verdict(window, 3, len(window)) == TEXT_GOOD
    measured(benchmark, lambda: text_verdict(window, 3, len(window)), len(window))


def test_read(benchmark: Any, partition: Partition) -> None:
    """Window, spans, index, checks: what every conversion needs."""
    measured(benchmark, lambda: iso2709.read(partition), partition.byte_count)


def test_field_table(benchmark: Any, partition: Partition) -> None:
    """All columns of the field table."""
    batch = iso2709.read(partition).batch
    measured(benchmark, lambda: tables.field_table(batch), partition.byte_count)


def test_subfield_table(benchmark: Any, partition: Partition) -> None:
    """All columns of the subfield table; `rows` says how many."""
    batch = iso2709.read(partition).batch
    benchmark.extra_info["rows"] = tables.subfield_table(batch).num_rows
    measured(benchmark, lambda: tables.subfield_table(batch), partition.byte_count)


def test_seven_columns(benchmark: Any, partition: Partition) -> None:
    """The columns of the seven-column conversion."""
    batch = iso2709.read(partition).batch
    measured(benchmark, lambda: columns.record_columns(batch, SEVEN), partition.byte_count)


def test_embedded_items(benchmark: Any, partition: Partition) -> None:
    """Fifteen subfields of the embedded item fields; `rows` says how many fields."""
    batch = iso2709.read(partition).batch
    codes = {code: code for code in "abcdefghijklmnop"[:15]}
    benchmark.extra_info["rows"] = columns.field_columns(batch, "945", codes).num_rows
    measured(benchmark, lambda: columns.field_columns(batch, "945", codes), partition.byte_count)
