"""`run`: a library's extracts become a delivery, and every unit is accounted for on the way.

    plan    which file is which extract                      pipeline.plan
    stage   extracts -> tables that the rules asked for      pipeline.stage
    apply   tables -> decisions, new fields, delivered rows  pipeline.apply
    emit    decisions and extracts -> files                  pipeline.emit_*
    close   ledger, set-aside, reports, manifest             pipeline.books, close

The run folder appears at once and `runs/latest` names it only when all is done; files get their final
names when they are whole. Same extracts, rules and settings give the same bytes in out/, set-aside/ and
tables/, whatever the number of threads.
"""

from __future__ import annotations

import datetime
from pathlib import Path

from transformer.engines import thread_count
from transformer.engines.progress import Progress, Silent
from transformer.extracts.spool import Spool
from transformer.pipeline import lock, runs
from transformer.pipeline.applied import Applied
from transformer.pipeline.compiled import compiling
from transformer.pipeline.encodings import with_encodings
from transformer.pipeline.facts import Clock, Emitted, RunFacts
from transformer.pipeline.plan import Planned, plan_sources
from transformer.pipeline.results import RunResult
from transformer.pipeline.set_aside import Piece
from transformer.pipeline.stage import Staged, stage_all, unused_rows
from transformer.ruleset.project import Project
from transformer.ruleset.rules import RuleSet


def run(
    library: Path,
    *,
    name: str | None = None,
    as_of: datetime.date | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
) -> RunResult:
    """Transform a library's extracts (see the module). Raises TransformerError where it cannot go on."""
    from transformer.database.session import Settings
    from transformer.pipeline.apply import apply
    from transformer.pipeline.close import close_run
    from transformer.ruleset.load import load_rules, rule_folders
    from transformer.ruleset.plan import stage_plan
    from transformer.ruleset.project import load_project

    clock, shown, workers = Clock(), progress or Silent(), thread_count(threads)
    project = load_project(library)
    ruleset = load_rules(rule_folders(project.system, library), project.system)
    plan = stage_plan(ruleset, project)
    runs_folder = runs.runs_of(library)
    # Beside the runs, not in the run's own folder: a run whose files cannot be found leaves no folder.
    spool = Spool(runs_folder)
    planned = with_encodings(plan_sources(library, project, plan, spool), project, plan)
    day = as_of or project.as_of or datetime.date.today()
    with spool, lock.run_lock(runs_folder / ".lock"), compiling("run", shown):
        folder = runs.new_run(library, name)
        staged = stage_all(planned.sources, plan, workers, shown)
        staged.issues += unused_rows(planned.unused)
        clock.done("read")
        shown.phase("apply", 0)
        applied = apply(
            staged.tables, ruleset, project, day,
            settings=Settings(threads=workers, spill=folder.folder("work")),
            work=folder.folder("work"),
        )  # fmt: skip
        clock.done("apply")
        emitted = emit_all(applied, staged, planned, project, ruleset, folder, workers, shown)
        clock.done("write")
        result = close_run(
            RunFacts(folder, library, project, ruleset, planned, staged, applied, emitted, day, clock)
        )
        runs.point_latest(folder)
    return result


def emit_all(
    applied: Applied,
    staged: Staged,
    planned: Planned,
    project: Project,
    ruleset: RuleSet,
    folder: runs.RunFolder,
    threads: int,
    progress: Progress,
) -> Emitted:
    """Write the delivery: bibs, holdings, then delimited tables."""
    from transformer.pipeline.emit_bib import emit_bibs, join_suppressed
    from transformer.pipeline.emit_holdings import emit_holdings
    from transformer.pipeline.emit_rows import emit_rows
    from transformer.writers.text import TextForm

    bib, made = ruleset.rules.bib, ruleset.rules.holdings
    emitted, out, work = Emitted(), folder.folder("out"), folder.folder("work")
    if sources := planned.sources.get("bib"):
        progress.phase("write bibs", sum(source.path.stat().st_size for source in sources))
        suppressed: list[tuple[str, tuple[int, ...]]] = []
        record = staged.tables["bib_record"]
        for done in emit_bibs(
            applied, record, sources, folder.folder("out/bib"), work, project.output,
            TextForm(bib.nfc, bib.forbidden), threads, progress,
        ):  # fmt: skip
            emitted.file("bib", done.files)
            emitted.issues += done.issues
            suppressed += done.suppressed
            emitted.failed += [Piece(s, "bib", at, count, code) for s, at, count, code in done.failed]
            for file, count in done.written.items():
                emitted.written[file, "bib"] = emitted.written.get((file, "bib"), 0) + count
        emitted.file("bib", join_suppressed(suppressed, out / "bib", project.output))
    progress.phase("write holdings", 0)
    form = TextForm(made.nfc, made.forbidden) if made else TextForm()
    for files, issues in emit_holdings(
        applied, folder.folder("out/holdings"), project.output, form, threads, progress
    ):
        emitted.file("holdings", files)
        emitted.issues += issues
    if applied.holdings_record is not None:
        from transformer.pipeline.emit_holdings_records import emit_holdings_records

        records = {name.removesuffix("_record"): t for name, t in staged.tables.items() if "_record" in name}
        emit_holdings_records(
            emitted, applied.holdings_record, records, planned.sources, folder.folder("out/holdings"),
            project.output, form, applied.holdings_edits, threads, progress,
        )  # fmt: skip
    progress.phase("write tables", 0)
    for table, files, issues in emit_rows(applied, out, project.output, threads, progress):
        emitted.file(table, files)
        emitted.issues += issues
    if project.delivery.items_in_bibs:
        from transformer.pipeline.emit_profile import emit_profile

        emitted.file("profile", emit_profile(applied, project, ruleset, folder.folder("out/profile")))
    return emitted
