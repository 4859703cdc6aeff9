"""The three MARC tables over extracts: `scan`, `read`, `write`, and conversion to Parquet.

A `Scan` is lazy and restarts on every use: nothing is read before the first batch is asked for, batches
are made by threads a few partitions ahead, and memory does not grow with the file. Bytes that are no record
are no part of the tables; `convert` and `run` set them aside and report them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pyarrow as pa

from transformer.engines import map_ordered, thread_count
from transformer.errors import UsageError
from transformer.extracts.charsets import AUTO
from transformer.extracts.model import Partition, Source
from transformer.extracts.spool import Spool
from transformer.pipeline.convert import renderer_of, sources_of
from transformer.pipeline.results import OutputFact
from transformer.readers import partitions_of_all, read
from transformer.schema import marc as schema

TABLES: Final = ("record", "field", "subfield")


@dataclass(frozen=True, slots=True)
class Tables:
    """The three tables of one partition, or of a whole extract: see transformer/schema/marc.py."""

    record: pa.Table
    field: pa.Table
    subfield: pa.Table


@dataclass(frozen=True, slots=True)
class _Task:
    partition: Partition
    wanted: tuple[str, ...]
    tags: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class Scan:
    """A lazy reader of MARC files as one extract.

    sources: what to read. tags: only these tags' fields and subfields, or None for all. threads: how
    many partitions are read at once. spool: holds unpacked files as long as the scan is there.
    """

    sources: tuple[Source, ...]
    tags: frozenset[str] | None = None
    threads: int = 1
    spool: Spool | None = None

    def batches(self, *tables: str) -> Iterator[dict[str, pa.RecordBatch]]:
        """One dictionary a partition, table name -> record batch, in file order; all three by default.

        Values may be views into the partition's window: they live as long as the batch does.
        """
        wanted = _checked(tables or TABLES)
        tasks = (_Task(partition, wanted, self.tags) for partition in partitions_of_all(self.sources))
        yield from map_ordered(_read_tables, tasks, self.threads)

    def reader(self, table: str) -> pa.RecordBatchReader:
        """One table as an Arrow stream; every call starts from the beginning.

        Text comes as views and dictionaries, which is how it is fastest; `plain` makes plain strings.
        """
        from transformer.readers.tables import fast_form

        name = _checked((table,))[0]
        stream = (batch[name] for batch in self.batches(name))
        return pa.RecordBatchReader.from_batches(fast_form(plain_schema(name)), stream)

    def table(self, table: str) -> pa.Table:
        """One table, whole, with plain strings as in transformer/schema/marc.py."""
        name = _checked((table,))[0]
        parts = [plain(batch[name], name) for batch in self.batches(name)]
        return pa.Table.from_batches(parts, plain_schema(name))


def scan(
    inputs: Sequence[Path],
    *,
    tags: Sequence[str] | None = None,
    encoding: str = AUTO,
    threads: int | None = None,
) -> Scan:
    """A lazy reader over MARC files; see `Scan`."""
    spool = Spool()
    wanted = frozenset(tags) if tags is not None else None
    return Scan(sources_of(inputs, spool, None, encoding), wanted, thread_count(threads), spool)


def read_all(inputs: Sequence[Path], *, encoding: str = AUTO, threads: int | None = None) -> Tables:
    """The three tables, whole, in memory."""
    lazy = scan(inputs, encoding=encoding, threads=threads)
    parts: dict[str, list[pa.RecordBatch]] = {name: [] for name in TABLES}
    for batch in lazy.batches():
        for name in TABLES:
            parts[name].append(plain(batch[name], name))
    return Tables(**{name: pa.Table.from_batches(parts[name], plain_schema(name)) for name in TABLES})


def write_tables(tables: Tables, output: Path, *, to: str, overwrite: bool = False) -> OutputFact:
    """The three tables as one file of MARC (any container of `convert`), in table order.

    Raises UsageError where a record cannot be said in that container.
    """
    from transformer.pipeline.convert import Books, frame_of, opening
    from transformer.writers.assemble import from_tables
    from transformer.writers.files import OutputFile

    batch = from_tables(tables.record, tables.field, tables.subfield)
    rendered = renderer_of(to)(batch)
    if rendered.failed:
        at, code = rendered.failed[0]
        raise UsageError(
            f"record {int(batch.record_no[at])} cannot be written: {code}",
            str(output),
            next_step="Write MARCXML.",
        )
    head, tail = frame_of(to)
    with OutputFile(output, overwrite=overwrite) as file:
        file.write(head)
        file.write(opening(to, rendered.data, Books()))
        file.write(tail)
    return OutputFact(output.name, batch.record_count, file.byte_count, file.sha256)


def _checked(tables: tuple[str, ...]) -> tuple[str, ...]:
    for name in tables:
        if name not in TABLES:
            raise UsageError(f"there is no table {name!r}", expected=", ".join(TABLES))
    return tables


def _read_tables(task: _Task) -> dict[str, pa.RecordBatch]:
    from transformer.readers import tables

    result = read(task.partition)
    batch = result.batch
    made: dict[str, pa.RecordBatch] = {}
    if "record" in task.wanted:
        made["record"] = tables.record_table(
            batch, task.partition.source, result.spans, result.encodings, result.encoding
        )
    if "field" in task.wanted:
        made["field"] = tables.field_table(batch, task.tags)
    if "subfield" in task.wanted:
        made["subfield"] = tables.subfield_table(batch, task.tags)
    return made


def plain_schema(table: str) -> pa.Schema:
    """The public schema of a table, with plain strings."""
    schemas: dict[str, pa.Schema] = {
        "record": schema.RECORD,
        "field": schema.FIELD,
        "subfield": schema.SUBFIELD,
    }
    return schemas[table]


def plain(batch: pa.RecordBatch, table: str) -> pa.RecordBatch:
    """The batch with plain strings, as files and other programs take it; this copies the values."""
    return batch.cast(plain_schema(table))
