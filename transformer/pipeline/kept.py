"""Tables kept as Arrow files: written as their rows come, read in the order of their keys.

Each thread of the database walks through ranges of what it scans, in order, and hands its rows over when it
has enough. So the rows come in long runs, one after the other; they are written as they come, and
`Kept.runs` says in which order the runs are to be read. Of a run its first and last row are remembered: with
the numbers of all rows in memory, 16,200,000 fields of holdings took a run of 2 GiB to 2,163 MiB. Only where
runs are short are rows moved at all (`pipeline.apply_buckets`).

Tried, 450,000 items of 46 columns, processor time: Parquet (lz4, no dictionaries) is written in 0.37 s and
scanned by the database in 0.93 s; an Arrow file in 0.07 s and 0.11 s, with 3.7 times the bytes. To gather and
sort the rows took 0.8 s more.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from transformer.schema.batch import I64

_LAST: Final = np.iinfo(np.int64).max
"""Stands for null, which comes last."""
_SMALL: Final = np.iinfo(np.int32).max
"""The same where numbers are small."""
ROWS_IN_MEMORY: Final = 4_000_000
"""Rows whose numbers may be in memory at once: 80 MB."""
Numbers = npt.NDArray[np.integer]
RUN_ROWS: Final = 256
FEW_RUNS: Final = 64
"""Rows that a run has on the mean to be worth a slice of its own, if there are more than a few."""


@dataclass(frozen=True, slots=True)
class Run:
    """Rows of one batch that follow one another: `batch` is its number in the file. low, high: the first sort
    column of the first and the last row, nulls as the greatest number; 0 where nothing is sorted."""

    batch: int
    start: int
    row_count: int
    low: int = 0
    high: int = 0


@dataclass(frozen=True, slots=True)
class Kept:
    """An ordered table in the Arrow file `path`. runs: its rows, in the order in which they are read."""

    path: Path
    num_rows: int
    runs: tuple[Run, ...]

    @property
    def schema(self) -> pa.Schema:
        """Names and types of the columns."""
        with pa.OSFile(str(self.path)) as file:
            return pa.ipc.open_file(file).schema

    def batches(
        self, columns: Sequence[str] | None = None, first: int | None = None, last: int = _LAST
    ) -> Iterator[pa.RecordBatch]:
        """The rows in order, with these columns of the file, in the file's order (None: all). first: only
        runs that may have a row with first <= first sort column < last."""
        wanted = [run for run in self.runs if first is None or (run.low < last and run.high >= first)]
        with pa.OSFile(str(self.path)) as file:
            names = pa.ipc.open_file(file).schema.names
            chosen = None if columns is None else [at for at, name in enumerate(names) if name in columns]
            file.seek(0)
            options = pa.ipc.IpcReadOptions(use_threads=False, included_fields=chosen)
            reader = pa.ipc.open_file(file, options=options)
            # Threads take turns: the batch of the run before the last one is wanted again.
            read = lru_cache(maxsize=3)(reader.get_batch)
            for run in wanted:
                yield read(run.batch).slice(run.start, run.row_count)


@dataclass(frozen=True, slots=True)
class KeptSource:
    """What is kept, for statements to read (see `database.sources`).

    As a dataset of Arrow's it is read far ahead, whatever is asked for: 363 MB of holdings were in memory at
    once. And the database did not know how many rows there are, which it orders its joins by.
    """

    kept: Kept
    schema: pa.Schema
    chooses: frozenset[str] = frozenset()

    @classmethod
    def of(cls, kept: Kept) -> KeptSource:
        """The source of all columns of the file."""
        return cls(kept, kept.schema)

    @property
    def about_rows(self) -> int:
        """How many rows it has."""
        return self.kept.num_rows

    def reader(self, columns: Sequence[str] | None, chosen: Mapping[str, object]) -> pa.RecordBatchReader:
        """A fresh stream of these columns, in this order (None: all)."""
        names = list(columns) if columns is not None else self.schema.names
        schema = pa.schema([self.schema.field(name) for name in names])
        batches = (batch.select(names) for batch in self.kept.batches(columns))
        return pa.RecordBatchReader.from_batches(schema, batches)


def keep(
    path: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch], keys: Sequence[str]
) -> Kept | None:
    """Write the rows as they come; None where their runs are too short (all of them are in the file then).

    keys: columns by which the rows are to be read, nulls last; those that are no numbers must come after all
    numbers, and where they decide it is None, too. None at all = in the order in which the rows come.
    """
    numbers = [name for name in keys if pa.types.is_integer(schema.field(name).type)]
    only = len(numbers) == len(keys)
    counts: list[int] = []
    rising = _Rising(only)
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
            if numbers:
                rising.add(len(counts), [_numbers(batch.column(name)) for name in numbers])
            counts.append(batch.num_rows)
    as_written = Kept(path, sum(counts), tuple(Run(at, 0, n) for at, n in enumerate(counts) if n))
    if not numbers:
        return as_written
    if rising.hopeless(as_written.num_rows):
        return None
    runs = rising.in_turn()
    if runs is None and as_written.num_rows <= ROWS_IN_MEMORY:
        read = [[_numbers(batch.column(name)) for name in numbers] for batch in as_written.batches(numbers)]
        runs = _ordered(counts, [_joined(pieces) for pieces in zip(*read, strict=True)], only)
    return None if runs is None else replace(as_written, runs=tuple(runs))


def _too_short(run_count: int, row_count: int) -> bool:
    """Whether runs are so short that slices of them cost more than sorting."""
    return (run_count - 1 - FEW_RUNS) * RUN_ROWS > row_count


class _Rising:
    """The runs of rows whose numbers rise, found batch by batch; mostly one begins where another has ended.

    only: no other column decides, so that rows may have the same numbers.
    """

    MOST = 1 << 18
    """Runs beyond which nobody remembers them."""

    def __init__(self, only: bool) -> None:
        self._only = only
        self._found: list[tuple[tuple[int, ...], tuple[int, ...], int, int, int]] = []
        self._tied = self._scattered = False

    def add(self, batch: int, columns: list[Numbers]) -> None:
        """The runs of the next batch."""
        count = len(columns[0])
        falls, same = np.zeros(max(count - 1, 0), np.bool_), np.ones(max(count - 1, 0), np.bool_)
        for column in columns:
            falls |= same & (column[1:] < column[:-1])
            same &= column[1:] == column[:-1]
        self._tied |= bool(same.any())
        starts = np.flatnonzero(falls) + 1
        if len(self._found) + len(starts) > self.MOST:
            self._scattered = True
            return
        for start, stop in itertools.pairwise([0, *starts.tolist(), count] if count else []):
            first, last = (tuple(_whole(column[at]) for column in columns) for at in (start, stop - 1))
            self._found.append((first, last, batch, start, stop - start))

    def hopeless(self, row_count: int) -> bool:
        """Whether runs are too short, or a text decides between rows, so that sorting takes less."""
        tied = self._tied and not self._only
        return self._scattered or tied or _too_short(len(self._found), row_count)

    def in_turn(self) -> list[Run] | None:
        """The runs in order if none begins before another has ended; else None."""
        found = sorted(self._found, key=lambda run: (run[0], run[2:4]))
        for (_, end, *before), (begin, _, *behind) in itertools.pairwise(found):
            if end > begin or (end == begin and not (self._only and before < behind)):
                return None
        return [Run(batch, start, count, low[0], high[0]) for low, high, batch, start, count in found]


def _ordered(counts: list[int], columns: list[Numbers], only: bool) -> list[Run] | None:
    """The runs in the order of the columns, where runs of rising rows overlap. only: no other column decides.

    Of each row its numbers and its place are in memory here, 20 bytes where numbers are small.
    """
    count = len(columns[0])
    order = np.lexsort(columns[::-1])
    starts = np.cumsum([0, *counts])
    breaks = np.diff(order) != 1
    begins = np.zeros(count + 1, np.bool_)
    begins[starts] = True
    breaks |= begins[order[1:]]
    cuts = np.flatnonzero(breaks) + 1
    if _too_short(len(cuts) + 1, count) or not (only or _unlike(columns, order)):
        return None
    runs = []
    for start, stop in itertools.pairwise([0, *cuts.tolist(), count] if count else []):
        place = int(order[start])
        batch = int(np.searchsorted(starts, place, side="right")) - 1
        low, high = (_whole(columns[0][order[at]]) for at in (start, stop - 1))
        runs.append(Run(batch, place - int(starts[batch]), stop - start, low, high))
    return runs


def _unlike(columns: list[Numbers], order: I64) -> bool:
    """Whether no two rows have the same numbers."""
    same = np.ones(max(len(order) - 1, 0), np.bool_)
    for column in columns:
        inside = column[order]
        same &= inside[1:] == inside[:-1]
    return not same.any()


def _whole(number: Any) -> int:
    """A number as the file has it: the greatest that there is stands for null."""
    return _LAST if number == np.iinfo(number.dtype).max else int(number)


def _numbers(column: pa.Array) -> Numbers:
    """Integers, in 32 bits where they fit, nulls as the greatest there is."""
    whole = column.cast(pa.int64())
    most = pc.min_max(whole)
    small = most["max"].as_py() is None or max(abs(most["min"].as_py()), most["max"].as_py()) < _SMALL
    kind, last = (pa.int32(), _SMALL) if small else (pa.int64(), _LAST)
    values: Numbers = pc.fill_null(whole.cast(kind), last).to_numpy(zero_copy_only=False)
    return values


def _joined(pieces: Sequence[Numbers]) -> Numbers:
    """Pieces of a column: in 64 bits if one of them is."""
    if {piece.dtype for piece in pieces} == {np.dtype(np.int32), np.dtype(np.int64)}:
        pieces = [_widened(piece) for piece in pieces]
    return np.concatenate(pieces)


def _widened(piece: Numbers) -> Numbers:
    wide = piece.astype(np.int64)
    wide[piece == np.iinfo(piece.dtype).max] = _LAST
    return wide
