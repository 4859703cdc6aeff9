"""All findings of a run as one table, read a piece at a time.

A finding may repeat in every record of a library, and a row of Python takes 600 bytes: those of writers
are kept as Arrow files, a part's with the part.
"""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from transformer.pipeline.applied import Rows
from transformer.pipeline.findings import Row
from transformer.pipeline.parts import Known, Parts
from transformer.pipeline.staged import StagedTable, Stored
from transformer.schema.books import ISSUE


def keep_issues(parts: Parts, part: str, rows: list[Row]) -> tuple[Stored, ...]:
    """The rows of a part, kept; nothing where there are none. From any thread."""
    if not rows:
        return ()
    return (parts.keep(f"issue-{part.replace('/', '-')}", pa.Table.from_pylist(rows, ISSUE)),)


def known_issues(kept: Iterable[Stored]) -> list[Known]:
    """Their files."""
    return [Known.of(stored) for stored in kept if stored.path is not None]


def issue_table(staged: list[Row], ruled: Rows, emitted: Iterable[Stored]) -> StagedTable:
    """All findings: of reading in file order, of the rules in their order, of writing in output order."""
    read = pa.Table.from_pylist(staged, ISSUE)
    found = ruled.to_table()
    return StagedTable(ISSUE, (Stored(read.num_rows, read), Stored(found.num_rows, found), *emitted))


def error_count(issues: StagedTable) -> int:
    """Findings of severity error."""
    return sum(
        pc.sum(pc.equal(batch.column(0), "error")).as_py() or 0 for batch in issues.batches(["severity"])
    )
