"""Emit holdings: MARC records that we make ourselves, one file a task, in the order of their table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from transformer.engines import map_ordered
from transformer.engines.progress import Progress
from transformer.errors import BooksError
from transformer.pipeline.applied import Applied
from transformer.pipeline.results import OutputFact
from transformer.ruleset.project import Output

# Holdings are short (about 500 bytes of MARCXML), so a piece of 20,000 is about 10 MB.
PIECE_RECORDS = 20_000


def emit_holdings(
    applied: Applied, folder: Path, output: Output, threads: int, progress: Progress
) -> Iterator[OutputFact]:
    """Write `holdings-0001.xml` ... into `folder`, `bibs_per_file` records each."""
    count = applied.holdings_leader.num_rows
    firsts = range(0, count, output.bibs_per_file)

    def emit(first: int) -> tuple[OutputFact, ...]:
        return _emit_file(applied, first, min(first + output.bibs_per_file, count), folder, output)

    for files in map_ordered(emit, firsts, threads):
        progress.advance(0, sum(file.record_count for file in files))
        yield from files


def _emit_file(
    applied: Applied, first: int, last: int, folder: Path, output: Output
) -> tuple[OutputFact, ...]:
    from transformer.writers import marcxml
    from transformer.writers.assemble import from_fields
    from transformer.writers.files import SplitFiles

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
            rendered = marcxml.render(from_fields(leaders, applied.holdings_field.between(start, stop)))
            if rendered.failed:
                raise BooksError(f"{len(rendered.failed)} holdings records could not be written", stem)
            split.append(rendered)
    return tuple(
        OutputFact(f"holdings/{f.name}", f.record_count, f.byte_count, f.sha256) for f in split.files
    )
