"""`convert` to Parquet: the three tables, or one table of chosen columns with one row a record.

The tables become NAME.record.parquet, NAME.field.parquet and NAME.subfield.parquet; with columns, NAME
itself: `record_no` and one list of strings for each field spec, all its occurrences in record order
(nothing is lost where a field repeats). Compressed with zstd, row groups of about 128,000 rows.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from transformer.engines import map_ordered, thread_count
from transformer.engines.progress import Progress, Silent
from transformer.extracts.charsets import AUTO
from transformer.extracts.model import Partition, Source
from transformer.extracts.spool import Spool
from transformer.pipeline.beside import delivery
from transformer.pipeline.compiled import compiling
from transformer.pipeline.convert import Books, Converted, cut, finish, part_name, sources_of
from transformer.pipeline.findings import copied_spans, rows_of_read, set_aside_spans
from transformer.pipeline.results import ConvertResult, OutputFact
from transformer.readers import partitions_of_all, read
from transformer.schema.batch import ReadResult

if TYPE_CHECKING:
    from transformer.writers.files import Together

ROW_GROUP: Final = 1 << 17


@dataclass(frozen=True, slots=True)
class _Task:
    partition: Partition
    columns: tuple[str, ...]


def convert_to_parquet(
    inputs: Sequence[Path],
    output: Path,
    *,
    container: str | None = None,
    parts: int = 1,
    columns: tuple[str, ...] = (),
    encoding: str = AUTO,
    threads: int | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> ConvertResult:
    """See the module and `api.convert`; the order of rows is file order, whatever the threads."""
    began = time.monotonic()
    shown = progress or Silent()
    with Spool(output.parent) as spool:
        sources = sources_of(inputs, spool, container, encoding)
        with delivery(output, overwrite, sources) as together:
            books, files = _write(sources, output, parts, columns, thread_count(threads), together, shown)
            return finish(books, tuple(files), output, together, began, sources)


def _write(
    sources: tuple[Source, ...],
    output: Path,
    parts: int,
    columns: tuple[str, ...],
    threads: int,
    together: Together,
    shown: Progress,
) -> tuple[Books, list[OutputFact]]:
    shown.phase("convert", sum(source.path.stat().st_size for source in sources))
    books = Books()
    files: list[OutputFact] = []
    groups: list[Iterable[Partition]] = [partitions_of_all(sources)]
    if parts > 1:
        groups = list(cut(list(partitions_of_all(sources)), parts))
    work = "columns" if columns else "tables"
    with compiling(f"convert {sources[0].container} {work}", shown):
        for number, group in enumerate(groups, 1):
            path = part_name(output, number, parts) if parts > 1 else output
            files += _write_part(group, path, columns, threads, together, books, shown)
    return books, files


def _write_part(
    group: Iterable[Partition],
    path: Path,
    columns: tuple[str, ...],
    threads: int,
    together: Together,
    books: Books,
    progress: Progress,
) -> Iterator[OutputFact]:
    names = ("",) if columns else ("record", "field", "subfield")
    tasks = (_Task(partition, columns) for partition in group)
    with ExitStack() as stack:
        outputs = {
            name: stack.enter_context(ParquetFile(_named(path, name), together=together)) for name in names
        }
        for done, tables in map_ordered(_tables_of, tasks, threads):
            for name, table in tables.items():
                outputs[name].write(table)
            books.add(done)
            progress.advance(done.byte_count, done.read_count)
        for output in outputs.values():
            output.finish()
    for output in outputs.values():
        yield OutputFact(output.path.name, output.row_count, output.byte_count, output.sha256)


def _named(path: Path, table: str) -> Path:
    return path.with_name(f"{path.stem}.{table}{path.suffix}") if table else path


def _tables_of(task: _Task) -> tuple[Converted, dict[str, pa.Table]]:
    from transformer.pipeline.tables import TABLES, plain
    from transformer.readers import tables as make
    from transformer.readers.columns import record_columns

    partition = task.partition
    result = read(partition)
    done = _books_of(partition, result)
    if task.columns:
        specs = tuple((spec, "list") for spec in task.columns)
        return done, {"": record_columns(result.batch, specs)}
    made = (
        make.record_table(result.batch, partition.source, result.spans, result.encodings, result.encoding),
        make.field_table(result.batch),
        make.subfield_table(result.batch),
    )
    plain_tables = [pa.Table.from_batches([plain(b, name)]) for name, b in zip(TABLES, made, strict=True)]
    return done, dict(zip(TABLES, plain_tables, strict=True))


def _books_of(partition: Partition, result: ReadResult) -> Converted:
    """The books of a partition whose records all come out."""
    import numpy as np

    source = partition.source
    copies = [(source, start, count) for start, count, _ in copied_spans(result.spans)]
    return Converted(
        data=np.empty(0, np.uint8),
        byte_count=partition.byte_count,
        read_count=partition.record_count,
        written_count=result.batch.record_count,
        issues=rows_of_read(result, source),
        aside=[(source, start, count) for start, count, _ in set_aside_spans(result.spans)] + copies,
        copy_count=len(copies),
    )


class _Sink:
    """What Arrow wants of a file to write to; closing is left to who opened it."""

    closed = False

    def __init__(self, file: Any) -> None:
        self._file = file

    def write(self, data: Any) -> int:
        """Write all of `data`."""
        piece = memoryview(data).cast("B")
        self._file.write(piece)
        return len(piece)

    def tell(self) -> int:
        """Bytes written so far."""
        return int(self._file.byte_count)

    def flush(self) -> None:
        """Nothing is kept back."""

    def close(self) -> None:
        """Nothing: the file is closed and renamed by its owner."""


class ParquetFile:
    """A Parquet file under a temporary name until it is whole. Rows are gathered into full row groups."""

    def __init__(self, path: Path, *, overwrite: bool = False, together: Together | None = None) -> None:
        from transformer.writers.files import OutputFile

        self.path = path
        self.row_count = 0
        self._file = OutputFile(path, overwrite=overwrite, together=together)
        self._writer: Any = None
        self._waiting: list[pa.Table] = []
        self._waiting_rows = 0

    def __enter__(self) -> ParquetFile:
        self._file.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._file.__exit__(*error)

    def finish(self) -> None:
        """Write what is waiting and the footer. Before leaving, so that a full disk leaves no file at all."""
        self._flush()
        if self._writer is not None:
            self._writer.close()

    @property
    def byte_count(self) -> int:
        """Bytes written."""
        return self._file.byte_count

    @property
    def sha256(self) -> str:
        """Digest of the file, once closed."""
        return self._file.sha256

    def write(self, table: pa.Table) -> None:
        """More rows, in order; they go to disk when a row group is full."""
        self.row_count += table.num_rows
        self._waiting.append(table)
        self._waiting_rows += table.num_rows
        if self._waiting_rows >= ROW_GROUP:
            self._flush()

    def _flush(self) -> None:
        import pyarrow.parquet as pq

        if not self._waiting:
            return
        table = pa.concat_tables(self._waiting)
        if self._writer is None:
            sink = pa.PythonFile(_Sink(self._file), mode="w")
            self._writer = pq.ParquetWriter(sink, table.schema, compression="zstd", use_dictionary=True)
        self._writer.write_table(table, row_group_size=ROW_GROUP)
        self._waiting, self._waiting_rows = [], 0
