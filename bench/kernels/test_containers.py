"""Speed of the line containers and JSON on one core, in bytes of the container (`extra_info`).

Run: python -m pytest bench/kernels/test_containers.py --benchmark-enable --benchmark-only
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bench.extracts import bib_file
from transformer.extracts.model import Source
from transformer.pipeline.convert import SUFFIXES, convert, renderer_of
from transformer.readers import partitions, read

BIBS = 20_000
WRITTEN = (".seq", ".jsonl", ".mrk")


@pytest.fixture(scope="module", params=WRITTEN)
def source(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Source:
    """The bench's bibs in one container."""
    path, _ = bib_file(BIBS)
    output = tmp_path_factory.mktemp("bench") / f"bib{request.param}"
    convert([Path(path)], output)
    return Source(output, SUFFIXES[request.param])


def test_boundary_pass(benchmark: Any, source: Source) -> None:
    """The whole file divided into spans and partitions."""
    benchmark.pedantic(lambda: list(partitions(source)), rounds=5, iterations=1, warmup_rounds=1)
    rate(benchmark, source.path.stat().st_size)


def test_read(benchmark: Any, source: Source) -> None:
    """One partition's records."""
    partition = next(iter(partitions(source)))
    benchmark.pedantic(lambda: read(partition), rounds=5, iterations=1, warmup_rounds=1)
    rate(benchmark, partition.byte_count)


def test_write(benchmark: Any, source: Source) -> None:
    """One partition's records, rendered."""
    batch = read(next(iter(partitions(source)))).batch
    render = renderer_of(source.container)
    byte_count = len(render(batch).data)
    benchmark.pedantic(lambda: render(batch), rounds=5, iterations=1, warmup_rounds=1)
    rate(benchmark, byte_count)


def rate(benchmark: Any, byte_count: int) -> None:
    """MB/s of the best run beside the times; nothing where the bench is off."""
    if benchmark.stats is not None:
        benchmark.extra_info["MB/s"] = round(byte_count / benchmark.stats.stats.min / 1e6)
