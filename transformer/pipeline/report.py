"""The facts of a run, gathered for the report."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from transformer.pipeline import books
from transformer.pipeline.facts import RunFacts
from transformer.pipeline.results import IssueTally, LedgerRow
from transformer.pipeline.set_aside import REPAIRED, Reasons
from transformer.pipeline.staged import StagedTable

if TYPE_CHECKING:
    from transformer.reports.facts import ProfileFound


def write_reports(
    run: RunFacts,
    issues: StagedTable,
    ledger: tuple[LedgerRow, ...],
    aside: Reasons,
    where: dict[str, str],
    reasons: tuple[str, ...],
    starters: dict[str, Path],
) -> tuple[IssueTally, ...]:
    """Write reports/ and return the tallies of issues for the screen.

    aside: what was set aside, and why; where: kind -> file with its bytes. starters: map -> file written
    for it.
    """
    from transformer.pipeline.starters import file_asked_for
    from transformer.reports.facts import DeliveredFile, ReportFacts
    from transformer.reports.gather import profile_facts, set_aside_facts, unmapped_facts
    from transformer.reports.report import write_report
    from transformer.reports.tally import TALLIED, tally
    from transformer.writers.csv import write_csv

    tallies = tally(issues.to_table(TALLIED))
    map_files = {
        name: f"rules/maps/{file_asked_for(name, run.ruleset)}.csv" for name in run.ruleset.rules.map
    }
    facts = ReportFacts(
        site=run.project.site,
        system=run.project.system,
        run=run.folder.name,
        target=run.project.target,
        as_of=run.day,
        version=version("transformer"),
        exit_code=1 if reasons else 0,
        reasons=reasons,
        tallies=tallies,
        set_aside=set_aside_facts(
            {why: count for why, count in aside.items() if not why[0].endswith(REPAIRED)}, where
        ),
        unmapped=unmapped_facts(run.applied.code_tally, map_files, ("location",)),
        profiles=(*profile_facts(run.applied.profile_report), *_taken(run)),
        files=tuple(DeliveredFile(f.name, f.record_count, f.byte_count, f.sha256) for f in run.emitted.files),
        notes=(
            *(f"Starter map written: {path.name}" for path in starters.values()),
            *_repaired(aside, where),
        ),
    )
    write_report(run.folder.path, facts, books.ledger_table(ledger), issues.reader(), write_csv)
    return tuple(
        IssueTally(t.code, t.severity, t.count, t.examples[0] if t.examples else "") for t in tallies
    )


def _repaired(aside: Reasons, where: dict[str, str]) -> Iterator[str]:
    """A sentence for each kind of which records were repaired and delivered."""
    for kind in sorted({kind for kind, _, _ in aside if kind.endswith(REPAIRED)}):
        count = sum(times for (of_kind, _, _), times in aside.items() if of_kind == kind)
        told = "1 record was" if count == 1 else f"{count:,} records were"
        name = kind.removesuffix(REPAIRED)
        yield f"{name}: {told} repaired and delivered; as they came they lie in {where[kind]}."


def _taken(run: RunFacts) -> Iterator[ProfileFound]:
    """Which extract each file of rows was taken for, and why."""
    from transformer.reports.facts import ProfileFound

    for extract, file, why in run.planned.taken:
        yield ProfileFound(extract, file, run.planned.sources[extract][0].container, why)
