"""item_decision: what became of each status of each item, and by which row of the map.

The rules decide on a few hundred sets of statuses (see `ruleset.compile.status`); items carry the number of
theirs. Here both come together, batch by batch, so that a million rows cost no join.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa

from transformer.pipeline.applied import Rows

OF_ITEM: Final = (
    "number", "bib_number", "barcode", "base_status", "process_type", "physical_condition", "temp_location",
)  # fmt: skip
OF_STATUS: Final = (
    "nth", "kind", "source_status", "status_label", "matched_by", "map_file", "map_line", "status_note",
    "status_condition", "after_go_live", "loan", "request",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Decisions(Rows):
    """One row an item and status, in the order of the items; an item without any has one row, nth 0 or 1.

    Columns OF_ITEM: the item as it is delivered. OF_STATUS: the status, its row of the map (file and line,
    matched by code or label; nothing where no row knows it), the text it gives, the procedures after go-live
    with `|` between, and whether the item was seen on loan or on the hold shelf (`yes`).
    source: the delivered items, with decision_no. decided: rows by decision_no (from 1) and nth.
    """

    decided: pa.Table | None = None

    @property
    def schema(self) -> pa.Schema:
        """Names and types of the columns."""
        return self._joined(Rows(self.source, (*OF_ITEM, "decision_no")).schema.empty_table()).schema

    @property
    def num_rows(self) -> int:
        """Number of rows."""
        return sum(batch.num_rows for batch in self.batches())

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows in order."""
        for batch in Rows(self.source, (*OF_ITEM, "decision_no")).batches():
            yield from self._joined(pa.table(batch)).to_batches()

    def to_table(self) -> pa.Table:
        """All rows at once."""
        return pa.Table.from_batches(list(self.batches()), self.schema)

    def _joined(self, items: pa.Table) -> pa.Table:
        decided: Any = self.decided
        first = np.searchsorted(_numbers(decided), np.arange(1, _most(decided) + 2))
        own = _numbers(items).astype(np.int64) - 1
        counts = (first[1:] - first[:-1])[own]
        rows = np.repeat(np.arange(len(own)), counts)
        # Where each item's run of rows begins, and the place within it.
        begins = np.cumsum(counts) - counts
        places = np.repeat(first[:-1][own] - begins, counts) + np.arange(len(rows))
        one_each = len(rows) == len(own) and bool((counts == 1).all())
        shown = items.select(OF_ITEM) if one_each else items.select(OF_ITEM).take(pa.array(rows))
        statuses = decided.select(OF_STATUS).take(pa.array(places))
        columns = {**dict(zip(OF_ITEM, shown.columns, strict=True))}
        columns |= dict(zip(OF_STATUS, statuses.columns, strict=True))
        return pa.table(columns)


def _numbers(table: pa.Table) -> Any:
    return table.column("decision_no").combine_chunks().to_numpy(zero_copy_only=False)


def _most(decided: pa.Table) -> int:
    return int(decided.column("decision_no")[-1].as_py()) if decided.num_rows else 0
