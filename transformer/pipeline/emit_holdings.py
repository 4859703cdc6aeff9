"""Emit holdings: MARC records that we make ourselves, one file a task, in the order of their table."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from transformer.engines.jobs import Job
from transformer.errors import BooksError
from transformer.pipeline.delivery import Delivery
from transformer.pipeline.findings import Row, rows_of_made
from transformer.pipeline.issues import keep_issues, known_issues
from transformer.pipeline.parts import known_files
from transformer.pipeline.results import OutputFact
from transformer.pipeline.staged import Stored

# Holdings are short (about 500 bytes of MARCXML), so a piece of 20,000 is about 10 MB.
PIECE_RECORDS = 20_000


@dataclass(frozen=True, slots=True)
class HoldingsDone:
    """What a job wrote: the number of its file among all, the files, and findings."""

    number: int
    files: tuple[OutputFact, ...]
    issues: tuple[Stored, ...]


def holdings_jobs(delivery: Delivery, then: Callable[[HoldingsDone], None]) -> Iterator[Job]:
    """A job for each file `holdings-0001.xml` ... of `bibs_per_file` records; `then` gets what it wrote."""
    each, count = delivery.output.bibs_per_file, delivery.applied.holdings_leader.num_rows
    place = delivery.folder.folder("out/holdings")

    def emit(number: int) -> HoldingsDone:
        return delivery.parts.step(
            f"holdings/{number:05d}",
            lambda: _emit_file(delivery, number, min((number + 1) * each, count), place),
            lambda done: [*known_files(place.parent, done.files), *known_issues(done.issues)],
        )

    for number in range(-(-count // each)):
        yield Job(partial(emit, number), then)


def _emit_file(delivery: Delivery, number: int, last: int, folder: Path) -> HoldingsDone:
    from transformer.writers import marcxml
    from transformer.writers.assemble import from_fields
    from transformer.writers.files import SplitFiles
    from transformer.writers.text import shaped

    applied, output, form = delivery.applied, delivery.output, delivery.holdings_form
    issues: list[Row] = []
    stem = f"holdings-{number + 1:04d}"
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
        for start in range(number * output.bibs_per_file, last, PIECE_RECORDS):
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
    return HoldingsDone(number, files, keep_issues(delivery.parts, f"holdings/{number:05d}", issues))
