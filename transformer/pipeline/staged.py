"""What staging hands on: tables, in memory or as files in the work folder, and the books of reading.

A `StagedTable` is a list of pieces in order, one a partition or a piece of a row extract. In a run every
piece is a file (`pipeline.staged_file`), so that memory does not grow with the extracts; it is read again a
file at a time, and only the columns asked for. Files are read, not mapped: mapped pages count as memory of
the process.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from transformer.extracts.model import Source
from transformer.pipeline.findings import Row
from transformer.pipeline.staged_file import all_of, schema_of, unpacked
from transformer.readers.clean import clean_columns


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """One piece of a table: `table` in memory, or else the file `path` with its size and SHA-256."""

    row_count: int
    table: pa.Table | None = None
    path: Path | None = None
    byte_count: int = 0
    sha256: str = ""

    def tables(self) -> Iterator[pa.Table]:
        """Its rows as tables."""
        yield from ([self.table] if self.table is not None else map(_table_of, self.batches()))

    @property
    def schema(self) -> pa.Schema:
        """Names and types of the piece."""
        if self.table is not None:
            return self.table.schema
        assert self.path is not None
        return schema_of(self.path, self.sha256)

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """Its rows in order, with those of the columns that it has, in its own order."""
        if self.table is not None:
            there = [name for name in self.table.schema.names if columns is None or name in columns]
            yield from self.table.select(there).to_batches()
            return
        assert self.path is not None
        yield unpacked(self.path, self.sha256, columns)


def _table_of(batch: pa.RecordBatch) -> pa.Table:
    return pa.Table.from_batches([batch])


@dataclass(frozen=True, slots=True, eq=False)
class StagedTable:
    """A staged table (see `compile.stage_plan`), readable again and again; a `database.sources.Scannable`.

    Pieces of one extract may have different columns: what a piece lacks is null there.
    """

    schema: pa.Schema
    pieces: tuple[Stored, ...]

    @property
    def clean(self) -> frozenset[str]:
        """Columns of which every text is clean and of one value (see `readers.clean`)."""
        return clean_columns(piece.schema for piece in self.pieces)

    @classmethod
    def of(cls, pieces: Iterable[Stored], schema: pa.Schema | None = None) -> StagedTable:
        """Of pieces in order, at least one where no schema is given."""
        held = tuple(pieces)
        return cls(schema or pa.unify_schemas([piece.schema for piece in held]), held)

    @classmethod
    def of_table(cls, table: pa.Table) -> StagedTable:
        """A table in memory."""
        return cls(table.schema, (Stored(table.num_rows, table),))

    @property
    def num_rows(self) -> int:
        """Number of rows."""
        return sum(piece.row_count for piece in self.pieces)

    @property
    def about_rows(self) -> int:
        """The same: it is known."""
        return self.num_rows

    @property
    def chooses(self) -> frozenset[str]:
        """Rows are chosen by whoever reads."""
        return frozenset()

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """The rows in order, a piece at a time, with these columns in this order (None: all)."""
        names = list(columns) if columns is not None else self.schema.names
        schema = pa.schema([self.schema.field(name) for name in names])
        for piece in self.pieces:
            for batch in piece.batches(names):
                yield _shaped(batch, schema)

    def to_table(self, columns: Sequence[str] | None = None) -> pa.Table:
        """All rows at once: for few columns of numbers, small tables and tests."""
        names = list(columns) if columns is not None else self.schema.names
        schema = pa.schema([self.schema.field(name) for name in names])
        return pa.Table.from_batches(list(self.batches(names)), schema)

    def column(self, name: str) -> pa.ChunkedArray:
        """One column, whole."""
        return self.to_table([name]).column(0)

    def reader(
        self, columns: Sequence[str] | None = None, chosen: Mapping[str, frozenset[str]] | None = None
    ) -> pa.RecordBatchReader:
        """A fresh stream of these columns (None: all)."""
        names = list(columns) if columns is not None else self.schema.names
        schema = pa.schema([self.schema.field(name) for name in names])
        return pa.RecordBatchReader.from_batches(schema, self.batches(names))

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> Any:
        return self.reader().__arrow_c_stream__(requested_schema)


def _shaped(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """The batch with these columns: of their types, in their order, nulls where it has none."""
    if batch.schema.equals(schema):
        return batch
    there = set(batch.schema.names)
    columns = []
    for wanted in schema:
        if wanted.name not in there:
            columns.append(pa.nulls(batch.num_rows, wanted.type))
            continue
        column = batch.column(wanted.name)
        columns.append(column if column.type == wanted.type else column.cast(wanted.type))
    return pa.RecordBatch.from_arrays(columns, schema=schema)


@dataclass(frozen=True, slots=True)
class Aside:
    """A span that a reader set aside: where it is and why. came_through: a copy of a repaired record."""

    source: Source
    kind: str
    byte_start: int
    byte_count: int
    code: str
    line: int | None = None
    came_through: bool = False


@dataclass(slots=True)
class Staged:
    """What staging hands on. tables: name -> table (see the stage plan). read_count: (file, kind) ->
    units found, set-aside ones included. faults: what is not as the MARC format
    says (`pipeline.validity`), in pieces."""

    tables: dict[str, StagedTable] = field(default_factory=dict)
    read_count: dict[tuple[str, str], int] = field(default_factory=dict)
    aside: list[Aside] = field(default_factory=list)
    issues: list[Row] = field(default_factory=list)
    faults: list[Stored] = field(default_factory=list)

    def add(self, more: Staged) -> None:
        """What other extracts gave, behind what is here."""
        self.tables |= more.tables
        for key, count in more.read_count.items():
            self.read_count[key] = self.read_count.get(key, 0) + count
        self.aside += more.aside
        self.issues += more.issues
        self.faults += more.faults


def with_place(table: pa.Table, source: Source) -> pa.Table:
    """The table with its source file as first column, as a dictionary of one value: no text is copied."""
    return table.add_column(0, "source_file", all_of(source.name, table.num_rows))
