"""Close a run: books, set-aside, tables, rules used, reports, manifest; then the exit code.

tables/ holds Parquet: issue, ledger, item_decision, item_index, key_index, row_link, bib_item, code_tally,
number_form, profile_report, coverage, and marc_fault where MARC was looked at. rules/ holds the
rule files that were used, as they were. manifest.json says what went in and what came out, with sizes
and sha256; what may differ between two runs of the same input stands under its key `machine` alone.
"""

from __future__ import annotations

import platform
import shutil
import time
from pathlib import Path
from typing import Any

from transformer.pipeline import books, runs, validity
from transformer.pipeline.applied import Applied, Rows
from transformer.pipeline.embedded import embedded_counts
from transformer.pipeline.facts import RunFacts
from transformer.pipeline.issues import error_count, issue_table
from transformer.pipeline.results import LedgerRow, RunResult
from transformer.pipeline.resume import rule_files
from transformer.pipeline.run_tables import write_table
from transformer.pipeline.set_aside import Pieces, write_set_aside
from transformer.pipeline.staged import StagedTable
from transformer.ruleset.files.project import Project


def close_run(facts: RunFacts) -> RunResult:
    """Write what a run leaves behind beside its delivery; raises BooksError where the books do not close."""
    from transformer.pipeline.report import write_reports
    from transformer.pipeline.starters import write_starter_maps

    folder, applied, emitted = facts.folder, facts.applied, facts.emitted
    pieces = _pieces(facts)
    aside = pieces.reasons()
    where = write_set_aside(folder, pieces, (kind for kind, _, _ in aside))
    ledger = _ledger(facts)
    issues = issue_table(facts.staged.issues, applied.issue, emitted.issues)
    _write_tables(facts, issues, ledger)
    _copy_rules(folder, facts.project, facts.library)
    books.close(ledger, emitted.filed)
    starters = write_starter_maps(facts.library, facts.ruleset, applied.code_tally, facts.announce_starters)
    reasons = over_limits(facts.project, ledger, issues, applied)
    tallies = write_reports(facts, issues, ledger, aside, where, reasons, starters)
    facts.clock.done("close")
    _write_log(facts)
    _write_manifest(facts, ledger)
    return RunResult(
        folder=folder.path,
        exit_code=1 if reasons else 0,
        ledger=ledger,
        issues=tallies,
        files=tuple(emitted.files),
        reasons=reasons,
        elapsed_s=time.monotonic() - facts.clock.began,
    )


def _pieces(facts: RunFacts) -> Pieces:
    sources = [source for files in facts.planned.sources.values() for source in files]
    return Pieces(sources, facts.staged.aside, facts.applied.set_aside, facts.emitted.failed)


def _ledger(facts: RunFacts) -> tuple[LedgerRow, ...]:
    outside_rules: dict[tuple[str, str], int] = {}
    keys = [(aside.source.name, aside.kind) for aside in facts.staged.aside if not aside.came_through]
    keys += [(piece.source.name, piece.kind) for piece in facts.emitted.failed]
    for key in keys:
        outside_rules[key] = outside_rules.get(key, 0) + 1
    read_count = dict(facts.staged.read_count)
    for key, count in embedded_counts(facts.staged.tables, facts.applied.bib_drop).items():
        read_count[key] = read_count.get(key, 0) + count
    said = facts.applied.ledger.to_pylist()
    return books.ledger_rows(read_count, outside_rules, said, facts.emitted.written)


def over_limits(
    project: Project, ledger: tuple[LedgerRow, ...], issues: StagedTable, applied: Applied
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
    errors = error_count(issues)
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
    facts: RunFacts,
    issues: StagedTable,
    ledger: tuple[LedgerRow, ...],
) -> None:
    """Those of the whole run; those that the rules made are written beside the delivery."""
    place = facts.folder.folder("tables")
    tables: dict[str, Rows | StagedTable] = {
        "issue": issues,
        "ledger": Rows(books.ledger_table(ledger)),
    }
    if facts.staged.faults:
        tables[validity.TABLE] = StagedTable.of(facts.staged.faults)
    for name, rows in tables.items():
        write_table(place, name, rows)


def _copy_rules(folder: runs.RunFolder, project: Project, library: Path) -> None:
    """The rule folders as they were used: base, system, site, and the project file."""
    for name, file in rule_files(library, project):
        copy = folder.path / "rules" / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, copy)


def _write_manifest(facts: RunFacts, ledger: tuple[LedgerRow, ...]) -> None:
    from dataclasses import asdict
    from importlib.metadata import version

    import orjson

    inputs = [
        {"extract": extract, "name": name, "byte_count": byte_count, "sha256": digest}
        for extract, name, byte_count, digest in facts.inputs
    ]
    manifest: dict[str, Any] = {
        "site": facts.project.site,
        "system": facts.project.system,
        "target": facts.project.target,
        "as_of": facts.day.isoformat(),
        "inputs": inputs,
        "outputs": [asdict(file) for file in facts.emitted.files],
        "ledger": [asdict(row) for row in ledger],
        "machine": {
            "run": facts.folder.name,
            "version": version("transformer"),
            "python": platform.python_version(),
            "platform": platform.platform(),
            "seconds": facts.clock.phases,
            "modified_ns": {
                f"{extract}/{source.name}": source.path.stat().st_mtime_ns
                for extract, sources in facts.planned.sources.items()
                for source in sources
                if not source.shown
            },
        },
    }
    text = orjson.dumps(manifest, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    part = facts.folder.path / ".manifest.json.part"
    part.write_bytes(text)
    part.replace(facts.folder.path / "manifest.json")


def _write_log(facts: RunFacts) -> None:
    """log/run.jsonl: when, how long, with what and from where; nothing about records or people."""
    from importlib.metadata import version

    import orjson

    lines: list[dict[str, Any]] = [
        {"what": "run", "name": facts.folder.name, "ended": time.strftime("%Y-%m-%dT%H:%M:%S%z")},
        {"what": "program", "version": version("transformer"), "python": platform.python_version()},
    ]
    lines += [{"what": "phase", "name": name, "seconds": s} for name, s in facts.clock.phases.items()]
    lines += [
        {"what": "extract", "name": extract, "path": str(source.path)}
        for extract, sources in facts.planned.sources.items()
        for source in sources
    ]
    text = b"".join(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE) for line in lines)
    (facts.folder.folder("log") / "run.jsonl").write_bytes(text)
