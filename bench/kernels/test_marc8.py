"""Speed of MARC-8: reading it on one core, and whole conversions to MARCXML beside yaz-marcdump.

Run: python -m pytest bench/kernels/test_marc8.py --benchmark-enable --benchmark-only -s
The bench's bibs are written as MARC-8 first, by our own writer; yaz and we read the same file.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from bench.extracts import bib_file
from transformer.extracts.model import Source
from transformer.readers import iso2709
from transformer.writers import iso2709 as out
from transformer.writers.charset import render_marc8
from transformer.writers.marcxml import render

BIBS = 100_000


@pytest.fixture(scope="module")
def marc8(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bibs in MARC-8."""
    path, _ = bib_file(BIBS)
    made = tmp_path_factory.mktemp("marc8") / "bibs.mrc"
    with made.open("wb") as file:
        for partition in iso2709.partitions(Source(path, "iso2709")):
            file.write(render_marc8(iso2709.read(partition).batch).data)
    return made


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


@pytest.mark.skipif(shutil.which("yaz-marcdump") is None, reason="yaz-marcdump is not installed")
def test_beside_yaz(marc8: Path, tmp_path: Path) -> None:
    """Whole processes in turn, start-up included, two threads against its one; the ratio is printed."""
    best = {"ours": 1e9, "yaz": 1e9}
    for _ in range(3):
        target = tmp_path / "ours.xml"
        commands = {
            "ours": [
                sys.executable,
                "-m",
                "transformer",
                "convert",
                marc8,
                target,
                "--threads",
                "2",
                "--overwrite",
            ],
            "yaz": ["yaz-marcdump", "-f", "marc-8", "-t", "utf-8", "-o", "marcxml", marc8],
        }
        for name, command in commands.items():
            began = time.perf_counter()
            with (tmp_path / f"{name}.out").open("wb") as file:
                subprocess.run(command, check=True, stdout=file)
            best[name] = min(best[name], time.perf_counter() - began)
    size = marc8.stat().st_size / 1e6
    print(
        f"\nMARC-8 to MARCXML, {size:.0f} MB: ours {best['ours']:.2f} s ({size / best['ours']:.0f} MB/s), "
        f"yaz {best['yaz']:.2f} s ({size / best['yaz']:.0f} MB/s), {best['yaz'] / best['ours']:.1f} times"
    )
