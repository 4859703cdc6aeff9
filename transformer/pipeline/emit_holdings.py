"""Emit holdings: MARC records that we make ourselves, one file a task, in the order of their table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from transformer.engines import map_ordered
from transformer.engines.progress import Progress
from transformer.errors import BooksError
from transformer.pipeline.applied import Applied
from transformer.pipeline.findings import Row, rows_of_made
from transformer.pipeline.parts import Parts, known_files
from transformer.pipeline.results import OutputFact
from transformer.ruleset.files.project import Output

if TYPE_CHECKING:
    from transformer.writers.text import TextForm

# Holdings are short (about 500 bytes of MARCXML), so a piece of 20,000 is about 10 MB.
PIECE_RECORDS = 20_000


def emit_holdings(
    applied: Applied,
    folder: Path,
    output: Output,
    form: TextForm,
    parts: Parts,
    threads: int,
    progress: Progress,
) -> Iterator[tuple[tuple[OutputFact, ...], list[Row]]]:
    """Write `holdings-0001.xml` ... into `folder`, `bibs_per_file` records each: files and findings."""
    count = applied.holdings_leader.num_rows
    firsts = range(0, count, output.bibs_per_file)

    def emit(first: int) -> tuple[tuple[OutputFact, ...], list[Row]]:
        last = min(first + output.bibs_per_file, count)
        return parts.step(
            f"holdings/{first // output.bibs_per_file:05d}",
            lambda: _emit_file(applied, first, last, folder, output, form),
            lambda done: known_files(folder.parent, done[0]),
        )

    for files, issues in map_ordered(emit, firsts, threads):
        progress.advance(0, sum(file.record_count for file in files))
        yield files, issues


def _emit_file(
    applied: Applied, first: int, last: int, folder: Path, output: Output, form: TextForm
) -> tuple[tuple[OutputFact, ...], list[Row]]:
    from transformer.writers import marcxml
    from transformer.writers.assemble import from_fields
    from transformer.writers.files import SplitFiles
    from transformer.writers.text import shaped

    issues: list[Row] = []
    stem = f"holdings-{first // output.bibs_per_file + 1:04d}"
    split = SplitFiles(
        folder,
        stem,
        ".xml",
        marcxml.HEAD,
        marcxml.TAIL,
        output.bibs_per_file,
        output.bytes_per_file,
        first_bare=True,
    )
    with split:
        for start in range(first, last, PIECE_RECORDS):
            stop = min(start + PIECE_RECORDS, last)
            leaders = applied.holdings_leader.between(start, stop)
            made = from_fields(leaders, applied.holdings_field.between(start, stop))
            made, replaced = shaped(made, form)
            rendered = marcxml.render(made)
            issues += rows_of_made(replaced + rendered.notes, made, "holdings")
            if rendered.failed:
                raise BooksError(f"{len(rendered.failed)} holdings records could not be written", stem)
            split.append(rendered)
    files = tuple(
        OutputFact(f"holdings/{f.name}", f.record_count, f.byte_count, f.sha256) for f in split.files
    )
    return files, issues
