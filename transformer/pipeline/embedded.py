"""The count of embedded things for the books: fields that were taken out of their bibs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import numpy as np
import pyarrow as pa

from transformer.pipeline.applied import Rows
from transformer.pipeline.batches import in_groups
from transformer.pipeline.staged import StagedTable
from transformer.schema.batch import I64

STEP_ROWS: Final = 1 << 17
"""Dropped fields that are looked at together."""
_PLACE: Final = pa.schema([("record_no", pa.int64()), ("field_no", pa.int32())])


def embedded_counts(tables: dict[str, StagedTable], dropped: Rows) -> dict[tuple[str, str], int]:
    """(source file, kind) -> fields that were taken out of their bib as embedded things of that kind.

    tables: staged tables; those named `KIND..._embedded` count. dropped: `Applied.bib_drop`. Both by
    record_no and field_no, so that they are read side by side, a step at a time: of 300,000 bibs that takes
    0.1 s and the memory of a step, where to hold all places against one another took 0.9 s.

    Counted from the drop list that the writer follows, not from the rules' own ledger, so that a field
    dropped from its bib and lost on the way to its table shows in the books.
    """
    counts: dict[tuple[str, str], int] = {}
    wanted = ["source_file", "record_no", "field_no"]
    readers = [
        (name.partition("_")[0], _Ahead(table.batches(wanted)))
        for name, table in tables.items()
        if name.endswith("_embedded")
    ]
    for step in in_groups(_places_of(dropped), _PLACE, STEP_ROWS):
        gone = _place(step)
        # Fields of one tag may be looked at in several layouts: each counts once for a kind.
        counted = {kind: np.zeros(len(gone), np.bool_) for kind, _ in readers}
        for kind, reader in readers:
            for files, places in reader.up_to(int(gone[-1])):
                at = np.searchsorted(gone, places)
                out = (gone[at] == places) & ~counted[kind][at]
                counted[kind][at[out]] = True
                for pair in files.filter(pa.array(out)).value_counts().to_pylist():
                    key = pair["values"], kind
                    counts[key] = counts.get(key, 0) + int(pair["counts"])
    return counts


def _places_of(dropped: Rows) -> Iterator[pa.RecordBatch]:
    for batch in dropped.batches():
        yield batch.select(_PLACE.names).cast(_PLACE)


def _place(table: pa.Table | pa.RecordBatch) -> I64:
    """One integer for a field's place: no record has a million fields."""
    place: I64 = table.column("record_no").to_numpy() * (1 << 20) + table.column("field_no").to_numpy()
    return place


class _Ahead:
    """Batches in the order of their places, read as far as they are asked for."""

    def __init__(self, batches: Iterable[pa.RecordBatch]) -> None:
        self._batches = iter(batches)
        self._files: Any = pa.array([], pa.string())
        self._places: I64 = np.zeros(0, np.int64)

    def up_to(self, last: int) -> Iterator[tuple[pa.Array, I64]]:
        """Source files and places of the next rows, as far as place `last`."""
        while True:
            stop = int(np.searchsorted(self._places, last, side="right"))
            if stop:
                yield self._files.slice(0, stop), self._places[:stop]
            self._files, self._places = self._files.slice(stop), self._places[stop:]
            if len(self._places):
                return
            batch = next(self._batches, None)
            if batch is None:
                return
            self._files, self._places = batch.column("source_file"), _place(batch)
