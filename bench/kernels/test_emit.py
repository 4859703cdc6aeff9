"""Speed of the writing side on one core, in bytes of output (`extra_info`), beside a copy of the same bytes.

Run: python -m pytest bench/kernels/test_emit.py --benchmark-enable --benchmark-only
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from bench.extracts import bib_file
from transformer.extracts.model import Source
from transformer.readers import partitions, read
from transformer.schema.batch import MarcBatch
from transformer.writers import iso2709, marcxml
from transformer.writers.assemble import from_fields
from transformer.writers.edits import apply_edits, edits_from_tables
from transformer.writers.files import OutputFile

BIBS = 20_000
HOLDINGS = 200_000


@pytest.fixture(scope="module")
def batch() -> MarcBatch:
    """One partition of the bench's bibs."""
    path, _ = bib_file(BIBS)
    return read(next(iter(partitions(Source(path, "iso2709"))))).batch


def measured(benchmark: Any, work: Callable[[], Any], byte_count: int) -> None:
    """Nine runs of `work`; GB/s of the best beside the times."""
    work()  # compiled, and the processor awake
    benchmark.pedantic(work, rounds=9, iterations=1)
    benchmark.extra_info["GB/s"] = round(byte_count / benchmark.stats.stats.min / 1e9, 2)


def test_copy_of_the_xml(benchmark: Any, batch: MarcBatch) -> None:
    """The limit: the same bytes copied into fresh memory."""
    data = marcxml.render(batch).data
    measured(benchmark, data.copy, len(data))


def test_marcxml(benchmark: Any, batch: MarcBatch) -> None:
    """Untouched records to MARCXML, buffer and notes included."""
    measured(benchmark, lambda: marcxml.render(batch), len(marcxml.render(batch).data))


def test_iso2709(benchmark: Any, batch: MarcBatch) -> None:
    """Untouched records to ISO 2709."""
    measured(benchmark, lambda: iso2709.render(batch), len(iso2709.render(batch).data))


def test_edits(benchmark: Any, batch: MarcBatch) -> None:
    """Two new fields a record, one tag dropped; in bytes of the records they go into."""
    count = 2 * batch.record_count
    new = pa.table({
        "record_no": np.repeat(batch.record_no, 2),
        "tag": pa.array(["035", "949"] * batch.record_count),
        "is_control": np.zeros(count, bool),
        "inner": pa.array(["  \x1fa(X)b1234567", "  \x1faplace"] * batch.record_count),
    })  # fmt: skip
    measured(
        benchmark,
        lambda: apply_edits(batch, edits_from_tables(batch, drop_tags=frozenset({"907"}), new=new)),
        int(batch.byte_count.sum()),
    )


def test_holdings_of_our_own(benchmark: Any) -> None:
    """200,000 records of five fields from tables to MARCXML."""
    leaders = pa.table({"record_no": np.arange(HOLDINGS), "leader": ["00000nx  a2200000zn 4500"] * HOLDINGS})
    inner = ["22000001", "b1234567", "0" * 32, "8 \x1fbMAIN\x1fcSTACKS\x1fhQA76.5 .A1", "  \x1fav.1-20"]
    fields = pa.table({
        "record_no": np.repeat(np.arange(HOLDINGS), 5),
        "tag": pa.array(["001", "004", "008", "852", "866"] * HOLDINGS),
        "is_control": pa.array([True, True, True, False, False] * HOLDINGS),
        "inner": pa.array(inner * HOLDINGS),
    })  # fmt: skip
    work = lambda: marcxml.render(from_fields(leaders, fields)).data  # noqa: E731
    measured(benchmark, work, len(work()))


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Path]:
    """A file to write, gone afterwards."""
    path = tmp_path / "out.xml"
    yield path
    path.unlink(missing_ok=True)


@pytest.mark.parametrize("hashed", [True, False], ids=["hashed", "plain"])
def test_file(benchmark: Any, batch: MarcBatch, target: Path, hashed: bool) -> None:
    """Rendered bytes to the disk, with and without the hash."""
    data = marcxml.render(batch).data

    def work() -> None:
        with OutputFile(target, hash=hashed, overwrite=True) as file:
            file.write(data)

    measured(benchmark, work, len(data))


def test_hash_alone(benchmark: Any, batch: MarcBatch) -> None:
    """What the hash costs."""
    data = marcxml.render(batch).data
    measured(benchmark, lambda: hashlib.sha256(data.data).digest(), len(data))
