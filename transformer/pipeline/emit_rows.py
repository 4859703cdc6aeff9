"""Emit delimited tables: items, patrons and their children, lists; split by rows as the project says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from transformer.engines.jobs import Job
from transformer.errors import BooksError
from transformer.pipeline.applied import Applied, Delivered
from transformer.pipeline.delivery import Delivery
from transformer.pipeline.findings import Row, issue_row
from transformer.pipeline.parts import known_files
from transformer.pipeline.results import OutputFact
from transformer.ruleset.files.project import Output


@dataclass(frozen=True, slots=True)
class RowsDone:
    """What a job wrote. number: the table's place among all; name: what it holds (a kind's own table is
    called like the kind); files, and rows about values that were changed."""

    number: int
    name: str
    files: tuple[OutputFact, ...]
    issues: list[Row]


def row_jobs(delivery: Delivery, then: Callable[[RowsDone], None] = lambda _: None) -> Iterator[Job]:
    """A job for each delivered table, those with most rows first; `then` gets what it wrote."""
    tables = [*delivery.applied.delivered, *_lists(delivery.applied)]
    for number in sorted(range(len(tables)), key=lambda at: -tables[at].rows.num_rows):
        yield Job(partial(_emit_part, delivery, number, tables[number]), then)


def _emit_part(delivery: Delivery, number: int, table: Delivered) -> RowsDone:
    """One table as a part of the run. Raises BooksError where a row got lost."""
    out, name = delivery.folder.folder("out"), f"{table.folder}/{table.name}"
    files, issues = delivery.parts.step(
        f"rows/{name}",
        lambda: _emit_table(table, out, delivery.output),
        lambda done: known_files(out, done[0]),
    )
    filed, wanted = sum(file.record_count for file in files), table.rows.num_rows
    if filed != wanted:
        raise BooksError(f"{wanted:,} rows were to be written, {filed:,} were", table.name)
    return RowsDone(number, table.name if table.folder == table.name else name, files, issues)


def _lists(applied: Applied) -> Iterator[Delivered]:
    """Numbers of suppressed bibs, and items that hang on several bibs, as lists, if there are any."""
    if applied.suppressed.num_rows:
        yield Delivered("bib", "suppressed", ("bib_number",), applied.suppressed)
    if applied.bound_with.num_rows:
        yield Delivered("item", "bound_with", ("item_number", "bib_number"), applied.bound_with)


def _emit_table(
    delivered: Delivered, folder: Path, output: Output
) -> tuple[tuple[OutputFact, ...], list[Row]]:
    from transformer.extracts.model import Source
    from transformer.writers.csv import write_csv_files

    place = folder / delivered.folder
    place.mkdir(parents=True, exist_ok=True)
    written = write_csv_files(
        place,
        delivered.name,
        delivered.rows.schema,
        delivered.rows.batches(),
        headers=delivered.headers,
        max_rows=output.rows_per_file,
    )
    files = tuple(
        OutputFact(f"{delivered.folder}/{f.name}", f.row_count, f.byte_count, f.sha256) for f in written.files
    )
    source = Source(Path("(made)"), "delimited", extract=delivered.name)
    issues = [
        issue_row(
            "control-character",
            source,
            column=column,
            message=f"Line breaks or control characters in {count:,} values became blanks.",
        )
        for column, count in written.changed.items()
    ]
    return files, issues
