"""Each stage by itself, in one process and one thread, in GB/s and as a share of a copy of the same bytes.

    python -m bench.stages [--records N]

The limit is a loop that copies the file's bytes in memory, 1 MiB at a time. Stages take turns within one
round, and the fastest of several rounds counts: what is asked is what the code can do, not what the machine
was busy with. Kernels are warm.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import extracts
from bench.peers import arguments


def stages(records: int, rounds: int = 5) -> dict[str, Any]:
    """GB/s of input for each stage, and the share of the limit; `records` bibs, at most some hundred MB."""
    from transformer.extracts.model import Source
    from transformer.readers import partitions, read, tables
    from transformer.writers import iso2709, marcxml

    path, _ = extracts.bib_file(records)
    source = Source(path, "iso2709")
    data = path.read_bytes()
    parts = list(partitions(source))
    results = [read(part) for part in parts]

    def all_tables() -> None:
        for result in results:
            tables.record_table(result.batch, source, result.spans)
            tables.field_table(result.batch)
            tables.subfield_table(result.batch)

    work: dict[str, Callable[[], Any]] = {
        "copy in memory": lambda: _copy(data),
        "cut into partitions": lambda: list(partitions(source)),
        "read": lambda: [read(part) for part in parts],
        "three tables": all_tables,
        "emit MARCXML": lambda: [marcxml.render(result.batch) for result in results],
        "emit ISO 2709": lambda: [iso2709.render(result.batch) for result in results],
        "sha256": lambda: hashlib.sha256(data).digest(),
    }
    best = dict.fromkeys(work, float("inf"))
    for round_no in range(rounds + 1):
        for name, act in work.items():
            start = time.perf_counter()
            act()
            if round_no:  # the first one warms up
                best[name] = min(best[name], time.perf_counter() - start)
    limit = best["copy in memory"]
    return {
        "records": records,
        "bytes": len(data),
        "stages": {
            name: {"gb_per_s": len(data) / seconds / 1e9, "share_of_copy": limit / seconds}
            for name, seconds in best.items()
        },
    }


def _copy(data: bytes) -> None:
    """Copies the bytes, 1 MiB at a time, into a buffer that is reused."""
    buffer, view = bytearray(1 << 20), memoryview(data)
    for start in range(0, len(data), 1 << 20):
        piece = view[start : start + (1 << 20)]
        buffer[: len(piece)] = piece


if __name__ == "__main__":
    chosen = arguments()
    made = stages(min(chosen.records, 100_000), chosen.rounds)
    Path(chosen.scratch).mkdir(parents=True, exist_ok=True)
    print(json.dumps(made, indent=2))
