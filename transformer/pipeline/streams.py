"""The tables that a query may name, each made anew from the files whenever it is scanned.

    record, field, subfield   as in schema/marc.py; `record` with a column for each field spec of the query
    issue                     what the readers found, as in schema/books.py
    spec('650a')              the values of a field spec, see readers/columns.py

A scan reads partition by partition, a few ahead in threads; a join or self-join reads as often as it scans.
Only what the query uses is made: no subfields for a query on records, only the columns asked for, and of
`subfield` only the tags asked for. What each partition held is counted once in `Seen`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import numpy as np
import pyarrow as pa

from transformer.engines import map_ordered
from transformer.engines.progress import Progress
from transformer.errors import TransformerError
from transformer.extracts.fieldspec import FieldSpec
from transformer.extracts.model import Partition, Source
from transformer.pipeline.findings import rows_of_read
from transformer.pipeline.query_text import LIST, Column
from transformer.readers import partitions_of_all, read
from transformer.readers.columns import VALUES, record_columns, value_rows
from transformer.readers.tables import (
    FIELD_FORM,
    RECORD_FORM,
    SUBFIELD_FORM,
    field_table,
    record_table,
    subfield_table,
)
from transformer.schema.batch import SPAN_SET_ASIDE, ReadResult
from transformer.schema.books import ISSUE

TABLES: Final = {"record": RECORD_FORM, "field": FIELD_FORM, "subfield": SUBFIELD_FORM, "issue": ISSUE}
"""Tables that every query may name, and their columns."""

BYTES_A_ROW: Final = {"record": 1000, "field": 60, "subfield": 40, "issue": 100_000}
"""Rough sizes: DuckDB orders joins by how many rows it thinks there are."""
BYTES_A_VALUE: Final = 1000


@dataclass(slots=True)
class Seen:
    """What has been read so far, whichever scan read it. failure: what stopped a scan, to be told as it is.
    ended: a scan came to the end of the files. stopped: nobody waits for an answer any more."""

    progress: Progress
    read_count: int = 0
    set_aside_count: int = 0
    finding_count: int = 0
    ended: bool = False
    stopped: bool = False
    failure: TransformerError | None = None
    partitions: set[int] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, partition: Partition, result: ReadResult) -> None:
        """One partition was read, for the first time or again."""
        self.progress.advance(partition.byte_count, partition.record_count)
        with self.lock:
            if partition.index in self.partitions:
                return
            self.partitions.add(partition.index)
            aside = int(np.count_nonzero(result.spans.kind == SPAN_SET_ASIDE))
            self.read_count += partition.record_count
            self.set_aside_count += aside
            self.finding_count += aside + len(result.notes)


@dataclass(frozen=True, slots=True)
class Stream:
    """One table over the files (see database/sources.py `Scannable`). extra: columns of `record` that the
    query made. spec: whose values these are, for the table of a field spec."""

    name: str
    sources: tuple[Source, ...]
    threads: int
    seen: Seen
    extra: tuple[Column, ...] = ()
    spec: FieldSpec | None = None

    @property
    def schema(self) -> pa.Schema:
        """All columns."""
        schema = VALUES if self.spec is not None else TABLES[self.name]
        for column in self.extra:
            schema = schema.append(pa.field(column.name, _type(column)))
        return schema

    @property
    def about_rows(self) -> int:
        """A guess by the size of the files."""
        size = sum(source.path.stat().st_size for source in self.sources)
        return 1 + size // (BYTES_A_VALUE if self.spec is not None else BYTES_A_ROW[self.name])

    @property
    def chooses(self) -> frozenset[str]:
        """Subfields are chosen by their tag, which takes half the time; for fields it would gain nothing."""
        return frozenset(("tag",)) if self.name == "subfield" else frozenset()

    def reader(
        self, columns: Sequence[str] | None, chosen: Mapping[str, frozenset[str]]
    ) -> pa.RecordBatchReader:
        """A fresh scan."""
        names = tuple(columns or self.schema.names)
        schema = pa.schema([self.schema.field(name) for name in names])
        return pa.RecordBatchReader.from_batches(schema, self._batches(names, chosen.get("tag")))

    def _batches(self, names: tuple[str, ...], tags: frozenset[str] | None) -> Iterator[pa.RecordBatch]:
        work = partial(_made, self, names, tags)
        try:
            for partition, result, batch in map_ordered(work, partitions_of_all(self.sources), self.threads):
                self.seen.note(partition, result)
                if self.seen.stopped:
                    raise InterruptedError("nobody waits for the answer")
                yield batch
            self.seen.ended = True
        except TransformerError as error:
            # On its way through DuckDB it would become a text among others.
            self.seen.failure = error
            raise


def _type(column: Column) -> pa.DataType:
    return pa.list_(pa.string()) if column.repeat == LIST else pa.string()


def _made(
    stream: Stream, names: tuple[str, ...], tags: frozenset[str] | None, partition: Partition
) -> tuple[Partition, ReadResult, pa.RecordBatch]:
    """One partition of one table."""
    result = read(partition)
    return partition, result, _table(stream, names, tags, partition.source, result).select(list(names))


def _table(
    stream: Stream, names: tuple[str, ...], tags: frozenset[str] | None, source: Source, result: ReadResult
) -> pa.RecordBatch:
    batch = result.batch
    if stream.spec is not None:
        return value_rows(batch, stream.spec)
    if stream.name == "field":
        return field_table(batch)
    if stream.name == "subfield":
        return subfield_table(batch, tags)
    if stream.name == "issue":
        return pa.RecordBatch.from_pylist(rows_of_read(result, source), ISSUE)
    made = record_table(batch, source, result.spans, result.encodings, result.encoding)
    wanted = [column for column in stream.extra if column.name in names]
    if not wanted:
        return made
    columns = record_columns(batch, [(column.spec, column.repeat) for column in wanted]).columns[1:]
    for column, values in zip(wanted, columns, strict=True):
        made = made.append_column(pa.field(column.name, _type(column)), values.combine_chunks())
    return made
