"""Close a run: books, set-aside, tables, rules used, reports, manifest; then the exit code.

tables/ holds Parquet: issue, ledger, set_aside, item_decision, key_index, code_tally. rules/ holds the
rule files that were used, as they were. manifest.json says what went in and what came out, with sizes
and sha256; what may differ between two runs of the same input stands under its key `machine` alone.
"""

from __future__ import annotations

import datetime
import hashlib
import platform
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from transformer.pipeline import books, runs
from transformer.pipeline.applied import Applied
from transformer.pipeline.findings import Row
from transformer.pipeline.plan import Planned
from transformer.pipeline.results import IssueTally, LedgerRow, OutputFact, RunResult
from transformer.pipeline.set_aside import Piece, write_set_aside
from transformer.pipeline.stage import Staged
from transformer.ruleset.project import Project
from transformer.schema.books import ISSUE

if TYPE_CHECKING:
    from transformer.pipeline.run import Clock, Emitted
    from transformer.ruleset.rules import RuleSet


def close_run(
    folder: runs.RunFolder,
    library: Path,
    project: Project,
    ruleset: RuleSet,
    planned: Planned,
    staged: Staged,
    applied: Applied,
    emitted: Emitted,
    day: datetime.date,
    clock: Clock,
) -> RunResult:
    """Write what a run leaves behind beside its delivery; raises BooksError where the books do not close."""
    from transformer.pipeline.report import write_reports
    from transformer.pipeline.starters import write_starter_maps

    pieces = list(_pieces(planned, staged, applied, emitted))
    where = write_set_aside(folder, pieces)
    ledger = _ledger(staged, applied, emitted, pieces)
    issues = issue_table(staged.issues, applied, emitted.issues)
    _write_tables(folder, applied, issues, ledger, pieces)
    _copy_rules(folder, project, library)
    books.close(ledger)
    starters = write_starter_maps(library, ruleset, applied.code_tally)
    reasons = over_limits(project, ledger, issues, applied)
    tallies = write_reports(
        folder, project, ruleset, planned, applied, issues, ledger, pieces, where, emitted.files, reasons,
        starters, day,
    )  # fmt: skip
    clock.done("close")
    _write_manifest(folder, project, planned, ledger, emitted.files, day, clock)
    runs.clear_work(folder)
    return RunResult(
        folder=folder.path,
        exit_code=1 if reasons else 0,
        ledger=ledger,
        issues=tallies,
        files=tuple(emitted.files),
        reasons=reasons,
        elapsed_s=time.monotonic() - clock.began,
    )


def issue_table(staged: list[Row], applied: Applied, emitted: list[Row]) -> pa.Table:
    """All findings: of reading in file order, of the rules in their order, of writing in output order."""
    return pa.concat_tables(
        [
            pa.Table.from_pylist(staged, ISSUE),
            applied.issue.to_table().select(ISSUE.names).cast(ISSUE),
            pa.Table.from_pylist(emitted, ISSUE),
        ]
    )


def _pieces(planned: Planned, staged: Staged, applied: Applied, emitted: Emitted) -> Iterator[Piece]:
    """Everything set aside: by readers, then by rules, then by writers."""
    by_name = {source.name: source for files in planned.sources.values() for source in files}
    for aside in staged.aside:
        yield Piece(aside.source, aside.kind, aside.byte_start, aside.byte_count, aside.code, line=aside.line)
    for row in applied.set_aside.to_table().to_pylist():
        yield Piece(
            source=by_name[row["source_file"]],
            kind=row["kind"],
            byte_start=row["byte_start"],
            byte_count=row["byte_count"],
            code=row["code"],
            rule=row["rule"] or "",
            record_id=row["record_id"] or "",
            line=row["line"],
            field_no=-1 if row["field_no"] is None else row["field_no"],
        )
    yield from emitted.failed


def _ledger(staged: Staged, applied: Applied, emitted: Emitted, pieces: list[Piece]) -> tuple[LedgerRow, ...]:
    reader_aside: dict[tuple[str, str], int] = {}
    outside_rules = [(aside.source.name, aside.kind) for aside in staged.aside]
    outside_rules += [(piece.source.name, piece.kind) for piece in emitted.failed]
    for key in outside_rules:
        reader_aside[key] = reader_aside.get(key, 0) + 1
    read_count = dict(staged.read_count)
    for key, count in embedded_counts(staged, applied).items():
        read_count[key] = read_count.get(key, 0) + count
    return books.ledger_rows(read_count, reader_aside, applied.ledger.to_pylist(), emitted.written)


def embedded_counts(staged: Staged, applied: Applied) -> dict[tuple[str, str], int]:
    """(source file, kind) -> fields that were taken out of their bib as embedded things of that kind.

    Counted from the drop list that the writer follows, not from the rules' own ledger, so that a field
    dropped from its bib and lost on the way to its table shows in the books.
    """
    return {}


def over_limits(
    project: Project, ledger: tuple[LedgerRow, ...], issues: pa.Table, applied: Applied
) -> tuple[str, ...]:
    """Sentences for each of the site's limits that was passed; any of them makes exit code 1."""
    limits, reasons = project.limits, []
    read = sum(row.read_count for row in ledger)
    aside = sum(row.set_aside_count for row in ledger)
    if read and aside / read > limits.set_aside_share:
        reasons.append(
            f"{aside:,} of {read:,} units were set aside ({aside / read:.1%}); "
            f"the limit is {limits.set_aside_share:.1%} (limits.set_aside_share)"
        )
    errors = int(pc.sum(pc.equal(issues.column("severity"), "error")).as_py() or 0)
    if errors > limits.errors:
        reasons.append(f"{errors:,} issues are errors; the limit is {limits.errors:,} (limits.errors)")
    unmapped = applied.counts.get("unmapped_locations", 0)
    if unmapped > limits.unmapped_locations:
        reasons.append(
            f"{unmapped:,} rows have a library or location that no map knows; "
            f"the limit is {limits.unmapped_locations:,} (limits.unmapped_locations)"
        )
    return tuple(reasons)


def _write_tables(
    folder: runs.RunFolder,
    applied: Applied,
    issues: pa.Table,
    ledger: tuple[LedgerRow, ...],
    pieces: list[Piece],
) -> None:
    import pyarrow.parquet as pq

    place = folder.folder("tables")
    tables = {
        "issue": issues,
        "ledger": books.ledger_table(ledger),
        "item_decision": applied.item_decision.to_table(),
        "key_index": applied.key_index.to_table(),
        "code_tally": applied.code_tally,
    }
    for name, table in tables.items():
        pq.write_table(table, place / f"{name}.parquet", compression="zstd")


def _copy_rules(folder: runs.RunFolder, project: Project, library: Path) -> None:
    """The rule folders as they were used: base, system, site, and the project file."""
    from transformer.ruleset.load import rule_folders
    from transformer.ruleset.project import PROJECT_FILE

    names = ("1-base", f"2-{project.system}", "3-site")
    for name, source in zip(names, rule_folders(project.system, library), strict=False):
        target = folder.path / "rules" / name
        for file in sorted([*source.glob("*.toml"), *source.glob("maps/*.csv")]):
            copy = target / file.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)
    shutil.copyfile(library / PROJECT_FILE, folder.path / "rules" / PROJECT_FILE)


def _write_manifest(
    folder: runs.RunFolder,
    project: Project,
    planned: Planned,
    ledger: tuple[LedgerRow, ...],
    files: list[OutputFact],
    day: datetime.date,
    clock: Clock,
) -> None:
    from dataclasses import asdict
    from importlib.metadata import version

    import orjson

    inputs = [
        {
            "extract": extract,
            "name": source.name,
            "byte_count": source.path.stat().st_size,
            "sha256": sha256_of(source.path),
        }
        for extract, sources in planned.sources.items()
        for source in sources
    ]
    manifest: dict[str, Any] = {
        "site": project.site,
        "system": project.system,
        "target": project.target,
        "as_of": day.isoformat(),
        "inputs": inputs,
        "outputs": [asdict(file) for file in files],
        "ledger": [asdict(row) for row in ledger],
        "machine": {
            "run": folder.name,
            "version": version("transformer"),
            "python": platform.python_version(),
            "platform": platform.platform(),
            "seconds": clock.phases,
        },
    }
    text = orjson.dumps(manifest, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    part = folder.path / ".manifest.json.part"
    part.write_bytes(text)
    part.replace(folder.path / "manifest.json")


def sha256_of(path: Path) -> str:
    """Digest of a file in hexadecimal, read in pieces of 1 MiB."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def tallies_of(facts: tuple[Any, ...]) -> tuple[IssueTally, ...]:
    """Report tallies as the result tells them."""
    return tuple(IssueTally(t.code, t.severity, t.count, t.examples[0] if t.examples else "") for t in facts)
