"""One SQL query over the tables of MARC files, in bounded memory.

Each use of a table in the query is a fresh scan of the files (`pipeline.streams`), so joins and self-joins
work and nothing is kept between them. What DuckDB cannot hold within its memory it spills to a folder beside
the output (else where the system keeps temporary files), which is removed afterwards. The connection is
locked: no files, no network, no extensions.

Rows of one table come in the order of the files; groups, distinct rows and unions, whose order is chance in
SQL, sorted by their columns from left to right, unless the query says otherwise. Joins need an `order by`.

Measured, 1,000,000 bibs (1.45 GB, 81,412,495 subfields), 2 threads, 200 MB for DuckDB (`--memory`), processor
seconds, start-up included, and peak of the process (ru_maxrss, MiB):

    count of records                                   2.5 s   399
    counts by tag and code                             7.3 s   492    (with compiling of kernels)
    record joined with 650 $a, by kind                 4.4 s   424
    record joined with all subfields, a maximum        8.1 s   560
    all subfields to CSV (2.3 GB)                       19 s   603
    counts by tag, code and value (4,311,179 groups)    18 s   644
    all subfields joined with themselves, 1 GB          54 s  1591    (200 MB are too little for that)

So the process stays within the memory given and about 650 MiB: 250 of these are the program and its
libraries, the rest partitions on their way.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa

from transformer.engines import thread_count
from transformer.engines.progress import Progress, Silent
from transformer.errors import MachineError, TransformerError, UsageError
from transformer.extracts.charsets import AUTO
from transformer.extracts.spool import Spool
from transformer.pipeline.answer import checked_suffix, write_answer
from transformer.pipeline.compiled import compiling
from transformer.pipeline.convert import input_facts, sources_of
from transformer.pipeline.query_text import Asked, understand
from transformer.pipeline.results import OutputFact, QueryResult
from transformer.pipeline.streams import TABLES, Seen, Stream

if TYPE_CHECKING:
    import duckdb

MEMORY_BYTES: Final = 1_000_000_000
LEAST_MEMORY_BYTES: Final = 64_000_000
BATCH_ROWS: Final = 1 << 16
HEARD_S: Final = 0.2
"""How soon Ctrl-C is heard where waiting itself cannot be interrupted (Windows)."""


def query_tables(
    query: str,
    inputs: Sequence[Path],
    *,
    output: Path | None = None,
    most_rows: int | None = None,
    container: str | None = None,
    encoding: str = AUTO,
    memory_bytes: int | None = None,
    threads: int | None = None,
    overwrite: bool = False,
    progress: Progress | None = None,
) -> QueryResult:
    """Ask the files. output: write the rows there (`pipeline.answer`); else they are in the result, at most
    `most_rows` of them. memory_bytes: for DuckDB; reading takes about 650 MB more.

    Raises UsageError with DuckDB's own words for a wrong query, FieldSpecError for a wrong field spec,
    MachineError where memory or disk do not suffice, and what reading the files raises.
    """
    began, shown, workers = time.monotonic(), progress or Silent(), thread_count(threads)
    memory_bytes = MEMORY_BYTES if memory_bytes is None else memory_bytes
    if memory_bytes < LEAST_MEMORY_BYTES:
        raise UsageError(f"{memory_bytes:,} bytes are too little memory", "--memory", "64MB or more")
    if output is not None:
        checked_suffix(output)
    beside = output.parent if output is not None else None
    with Spool(beside) as spool:
        sources = sources_of(inputs, spool, container, encoding)
        seen = Seen(shown)
        with (
            _session(beside, memory_bytes, workers) as con,
            _told(seen),
            compiling(f"sql {sources[0].container}", shown),
        ):
            asked = understand(con, query, frozenset(name.lower() for name in TABLES["record"].names))
            shown.phase("read", _bytes_to_read(asked, sum(s.path.stat().st_size for s in sources)))
            _register(con, asked, sources, workers, seen)
            table, count, files, changed = _interruptible(
                con, seen, partial(_answered, con, asked, output, most_rows, overwrite)
            )
        return QueryResult(
            table, count, seen.read_count, seen.set_aside_count, seen.finding_count, seen.ended, files,
            input_facts(sources), time.monotonic() - began, changed,
        )  # fmt: skip


_Answer = tuple[pa.Table, int, tuple[OutputFact, ...], int]
"""Rows for the caller, how many there are, files, values changed."""


def _interruptible(con: duckdb.DuckDBPyConnection, seen: Seen, work: Callable[[], _Answer]) -> _Answer:
    """`work` in a thread of its own: DuckDB hears of Ctrl-C only between two batches of its answer, and a
    group or a sort is one (tried: it went on for 40 s). Nothing is left running when this ends."""
    with ThreadPoolExecutor(1, thread_name_prefix="transformer-query") as pool:
        waiting = pool.submit(work)
        try:
            while True:
                with suppress(FutureTimeout):
                    return waiting.result(HEARD_S)
                if waiting.done():
                    return waiting.result()
        except BaseException:
            if not waiting.done():
                seen.stopped = True
                con.interrupt()
            raise


def _answered(
    con: duckdb.DuckDBPyConnection, asked: Asked, output: Path | None, most_rows: int | None, overwrite: bool
) -> _Answer:
    relation: Any = con.sql(asked.text)
    if asked.unsorted:
        relation = relation.order("all")
    rows = relation.to_arrow_reader(BATCH_ROWS)
    if output is not None:
        written = write_answer(rows, output, overwrite=overwrite)
        return rows.schema.empty_table(), written.file.record_count, (written.file,), written.changed_count
    kept: list[pa.RecordBatch] = []
    count = 0
    for batch in rows:
        if most_rows is None or count < most_rows:
            kept.append(batch if most_rows is None else batch.slice(0, most_rows - count))
        count += batch.num_rows
    return pa.Table.from_batches(kept, rows.schema), count, (), 0


def _register(
    con: duckdb.DuckDBPyConnection, asked: Asked, sources: tuple[Any, ...], threads: int, seen: Seen
) -> None:
    from transformer.database.sources import register

    for name in TABLES:
        extra = tuple(asked.columns) if name == "record" else ()
        register(con, name, Stream(name, sources, threads, seen, extra))
    for text, spec in asked.specs.items():
        name = f"spec_{text.encode().hex().upper()}"
        register(con, name, Stream(name, sources, threads, seen, spec=spec))


def _bytes_to_read(asked: Asked, size: int) -> int:
    """For the progress: each use of a table reads all files."""
    return size * (sum(count for name, count in asked.uses.items() if name in TABLES) + len(asked.specs))


@contextmanager
def _session(beside: Path | None, memory_bytes: int, threads: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """A locked connection that spills beside the output, and leaves nothing there."""
    from transformer.database.session import Settings, open_session

    with tempfile.TemporaryDirectory(prefix=".query-", dir=beside) as spill:
        con = open_session(Settings(memory_bytes, threads, Path(spill), keep_order=True))
        try:
            yield con
        finally:
            con.close()


@contextmanager
def _told(seen: Seen) -> Iterator[None]:
    """DuckDB's errors in the words of the house; errors of reading as they were."""
    import duckdb

    try:
        yield
    except TransformerError:
        raise
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        if seen.failure is not None:
            raise seen.failure from None
        raise _error(error) from None


def _error(error: Exception) -> TransformerError:
    import duckdb

    said = str(error).strip()
    if isinstance(error, duckdb.OutOfMemoryException) or "Out of Memory" in said:
        return MachineError(
            f"the query does not fit: {said.splitlines()[0]}",
            "sql",
            "memory and disk for groups, sorting and joins",
            "Give it more with --memory, free disk space, or ask for less at once.",
        )
    if isinstance(error, duckdb.Error):
        return UsageError(
            f"the query cannot be answered: {said}", "sql", f"a query over these tables:\n{tables_text()}"
        )
    return MachineError(f"the query broke off: {said}", "sql")


def tables_text() -> str:
    """The tables and their columns, a line each."""
    lines = [f"    {name}: {', '.join(schema.names)}" for name, schema in TABLES.items()]
    lines.append("    spec('650a') (any field spec): record_no, field_no, value")
    lines.append(
        "    beside the columns of record: spec('245a'), the first value; specs('650a'), all of them"
    )
    return "\n".join(lines)
