"""Emit delimited tables: items, patrons and their children, lists; split by rows as the project says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from transformer.engines import map_ordered
from transformer.engines.progress import Progress
from transformer.errors import BooksError
from transformer.pipeline.applied import Applied, Delivered
from transformer.pipeline.findings import Row, issue_row
from transformer.pipeline.parts import Parts, known_files
from transformer.pipeline.results import OutputFact
from transformer.ruleset.files.project import Output


def emit_rows(
    applied: Applied, folder: Path, output: Output, parts: Parts, threads: int, progress: Progress
) -> Iterator[tuple[str, tuple[OutputFact, ...], list[Row]]]:
    """Write every delivered table below `folder`; of each its name (a kind's own table is called like the
    kind), its files, and rows about values that were changed. Raises BooksError where a row got lost."""

    def emit(delivered: Delivered) -> tuple[str, tuple[OutputFact, ...], list[Row]]:
        files, issues = parts.step(
            f"rows/{delivered.folder}/{delivered.name}",
            lambda: _emit_table(delivered, folder, output),
            lambda done: known_files(folder, done[0]),
        )
        filed, wanted = sum(file.record_count for file in files), delivered.rows.num_rows
        if filed != wanted:
            raise BooksError(f"{wanted:,} rows were to be written, {filed:,} were", delivered.name)
        name = f"{delivered.folder}/{delivered.name}"
        return delivered.name if delivered.folder == delivered.name else name, files, issues

    tables = [*applied.delivered, *_lists(applied)]
    for name, files, issues in map_ordered(emit, tables, threads):
        progress.advance(0, sum(file.record_count for file in files))
        yield name, files, issues


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
