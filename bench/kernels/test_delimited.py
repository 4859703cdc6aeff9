"""Speed of delimited text on one core: boundary pass, reading, writing; beside Python's csv and Arrow.

Run: python -m pytest bench/kernels/test_delimited.py --benchmark-enable --benchmark-only
"""

from __future__ import annotations

import csv
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as arrow_csv
import pytest

from transformer.extracts.model import Source
from transformer.extracts.shape import DelimitedShape
from transformer.readers import delimited
from transformer.writers.csv import write_csv

ROWS = 100_000
COLUMNS = 25
SHAPE = DelimitedShape(",", '"')
VALUES = (
    "",
    "0",
    "a",
    "12",
    "main",
    "book",
    "  -  -  ",
    "04-04-2016 16:29",
    "31000000000011",
    "a note, longer",
)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    """Items as an export writes them: 25 columns of about 7 bytes, all quoted, seeded."""
    draw = random.Random(20)
    path = tmp_path_factory.mktemp("bench") / "item.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow([f"COLUMN {n}" for n in range(COLUMNS)])
        for number in range(ROWS):
            writer.writerow([f"i{1_000_000 + number}", *draw.choices(VALUES, k=COLUMNS - 1)])
    return Source(path, "delimited", extract="item")


@pytest.fixture(scope="module")
def table(source: Source) -> pa.Table:
    """The same, read."""
    header = delimited.read_header(source, SHAPE)
    parts = [delimited.read(part, SHAPE, header).table for part in delimited.partitions(source, SHAPE)]
    return pa.concat_tables(parts).select(list(header))


def measured(benchmark: Any, work: Callable[[], Any], byte_count: int) -> None:
    """Nine runs of `work`; MB/s of the best beside the times."""
    work()  # compiled, and the processor awake
    benchmark.pedantic(work, rounds=9, iterations=1)
    benchmark.extra_info["MB/s"] = round(byte_count / benchmark.stats.stats.min / 1e6)


def test_boundary_pass(benchmark: Any, source: Source) -> None:
    """Rows are counted and cut into partitions."""
    measured(benchmark, lambda: list(delimited.partitions(source, SHAPE)), source.path.stat().st_size)


def test_read(benchmark: Any, source: Source) -> None:
    """From partitions to tables, positions and spans included; the boundary pass not."""
    header = delimited.read_header(source, SHAPE)
    parts = list(delimited.partitions(source, SHAPE))
    size = source.path.stat().st_size
    measured(benchmark, lambda: [delimited.read(part, SHAPE, header) for part in parts], size)


def test_write(benchmark: Any, table: pa.Table, tmp_path: Path) -> None:
    """To disk, hashed."""
    path = tmp_path / "out.csv"
    size = write_csv(path, table).byte_count
    measured(benchmark, lambda: write_csv(path, table, overwrite=True), size)


def test_arrow_reads(benchmark: Any, source: Source) -> None:
    """Arrow reads faulty rows by its own lights and keeps no positions; one thread."""
    names = delimited.read_header(source, SHAPE)
    convert = arrow_csv.ConvertOptions(column_types={name: pa.string() for name in names})
    options = arrow_csv.ReadOptions(use_threads=False)
    work = lambda: arrow_csv.read_csv(source.path, options, convert_options=convert)  # noqa: E731
    measured(benchmark, work, source.path.stat().st_size)


def test_arrow_writes(benchmark: Any, table: pa.Table, tmp_path: Path) -> None:
    """Without hash, and without a look at control characters."""
    path = tmp_path / "out.csv"
    arrow_csv.write_csv(table, path)
    measured(benchmark, lambda: arrow_csv.write_csv(table, path), path.stat().st_size)


def test_python_reads(benchmark: Any, source: Source) -> None:
    """Rows are made and thrown away."""

    def work() -> int:
        with source.path.open(newline="") as file:
            return sum(1 for _ in csv.reader(file))

    assert work() == ROWS + 1
    measured(benchmark, work, source.path.stat().st_size)
