"""Emit: decisions and extracts -> the files of the delivery, each a part of the run (`pipeline.parts`).

Every file is a job, and all jobs are done by the same threads, the delimited tables first, since the largest
of them is one long job. Kind after kind, a thread had nothing to do at the end of each.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

from transformer.engines.jobs import Job, Jobs
from transformer.engines.progress import Progress
from transformer.pipeline.delivery import Delivery
from transformer.pipeline.emit_bib import BibDone, bib_jobs, join_suppressed
from transformer.pipeline.emit_holdings import HoldingsDone, holdings_jobs
from transformer.pipeline.emit_rows import RowsDone, row_jobs
from transformer.pipeline.facts import Emitted
from transformer.pipeline.issues import keep_issues
from transformer.pipeline.parts import Parts
from transformer.pipeline.results import OutputFact
from transformer.pipeline.set_aside import Piece

T = TypeVar("T")


def emit_all(delivery: Delivery, threads: int, progress: Progress, beside: Iterable[Job] = ()) -> Emitted:
    """Write the delivery. beside: jobs of other kinds, done when a thread would have nothing to do."""
    sources = delivery.planned.sources.get("bib", ())
    progress.phase("write", sum(source.path.stat().st_size for source in sources))
    rows: dict[int, RowsDone] = {}
    bibs: dict[int, BibDone] = {}
    suppressed: list[OutputFact] = []
    holdings: dict[int, HoldingsDone] = {}

    def rows_done(done: RowsDone) -> None:
        rows[done.number] = done
        progress.advance(0, _records(done.files))

    def bib_done(done: BibDone) -> None:
        bibs[done.number] = done
        progress.advance(done.byte_count, done.record_count)

    def holdings_done(done: HoldingsDone) -> None:
        holdings[done.number] = done
        progress.advance(0, _records(done.files))

    def bibs_ended() -> Iterable[Job]:
        pieces = [piece for number in sorted(bibs) for piece in bibs[number].suppressed]
        yield Job(lambda: join_suppressed(pieces, delivery), suppressed.extend)

    jobs = Jobs(threads)
    jobs.add(row_jobs(delivery, rows_done))
    jobs.add(bib_jobs(delivery, bib_done), bibs_ended)
    jobs.add(holdings_jobs(delivery, holdings_done))
    jobs.add(beside)
    jobs.finish()
    emitted = Emitted()
    for bib in _in_order(bibs):
        _add_bibs(emitted, bib)
    emitted.file("bib", suppressed)
    for made in _in_order(holdings):
        emitted.file("holdings", made.files)
        emitted.issues += made.issues
    _emit_records(emitted, delivery, threads, progress)
    for table in _in_order(rows):
        emitted.file(table.name, table.files)
        emitted.issues += keep_issues(Parts(), table.name, table.issues)
    _emit_pages(emitted, delivery)
    return emitted


def _records(files: Iterable[OutputFact]) -> int:
    return sum(file.record_count for file in files)


def _in_order(done: dict[int, T]) -> list[T]:
    return [done[number] for number in sorted(done)]


def _add_bibs(emitted: Emitted, done: BibDone) -> None:
    emitted.file("bib", done.files)
    emitted.issues += done.issues
    emitted.failed += [Piece(s, "bib", at, count, code) for s, at, count, code in done.failed]
    emitted.count(done.written, "bib")


def _emit_records(emitted: Emitted, delivery: Delivery, threads: int, progress: Progress) -> None:
    """Holdings that came as MARC records: one stream of files, whose windows are rendered side by side."""
    if delivery.applied.holdings_record is None:
        return
    from transformer.pipeline.emit_holdings_records import emit_holdings_records

    done = emit_holdings_records(delivery.applied.holdings_record, delivery, threads, progress)
    emitted.file("holdings", done.files)
    emitted.issues += done.issues
    emitted.failed += done.failed
    emitted.count(done.written, "holdings")


def _emit_pages(emitted: Emitted, delivery: Delivery) -> None:
    """Two small pages about items in bibs: made anew where a run goes on."""
    if not delivery.project.delivery.items_in_bibs:
        return
    from transformer.pipeline.emit_profile import emit_profile

    place = delivery.folder.folder("out/profile")
    emitted.file("profile", emit_profile(delivery.applied, delivery.project, delivery.ruleset, place))
