"""A finished run, opened again: manifest and tables, for notebooks and later commands."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from transformer.errors import UsageError
from transformer.pipeline.runs import find_run


@dataclass(frozen=True, slots=True)
class OpenedRun:
    """folder: LIB/runs/NAME. manifest: manifest.json as read."""

    folder: Path
    manifest: dict[str, Any]

    @property
    def tables(self) -> tuple[str, ...]:
        """Names of the run's tables, sorted."""
        return tuple(sorted(path.stem for path in (self.folder / "tables").glob("*.parquet")))

    def table(self, name: str) -> pa.Table:
        """One table of the run: issue, ledger, item_decision, key_index, code_tally ..."""
        path = self.folder / "tables" / f"{name}.parquet"
        if not path.is_file():
            raise UsageError(f"the run has no table {name!r}", str(self.folder), ", ".join(self.tables))
        return pq.read_table(path)


def open_run(place: Path) -> OpenedRun:
    """The run at `place`: a run folder, or a library's latest. Raises UsageError where there is none."""
    run = find_run(place)
    return OpenedRun(run.path, orjson.loads((run.path / "manifest.json").read_bytes()))
