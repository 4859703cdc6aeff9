"""Emit: decisions and extracts -> the files of the delivery, each a part of the run (`pipeline.parts`)."""

from __future__ import annotations

from pathlib import Path

from transformer.engines.progress import Progress
from transformer.pipeline.applied import Applied
from transformer.pipeline.facts import Emitted
from transformer.pipeline.parts import Parts
from transformer.pipeline.plan import Planned
from transformer.pipeline.runs import RunFolder
from transformer.pipeline.set_aside import Piece
from transformer.pipeline.staged import Staged
from transformer.ruleset.files.project import Project
from transformer.ruleset.files.rules import RuleSet


def emit_all(
    applied: Applied,
    staged: Staged,
    planned: Planned,
    project: Project,
    ruleset: RuleSet,
    folder: RunFolder,
    parts: Parts,
    threads: int,
    progress: Progress,
) -> Emitted:
    """Write the delivery: bibs, holdings, then delimited tables."""
    from transformer.pipeline.emit_holdings import emit_holdings
    from transformer.pipeline.emit_rows import emit_rows
    from transformer.writers.text import TextForm

    made = ruleset.rules.holdings
    emitted, out = Emitted(), folder.folder("out")
    _emit_bibs(emitted, applied, staged, planned, project, ruleset, folder, parts, threads, progress)
    progress.phase("write holdings", 0)
    form = TextForm(made.nfc, made.forbidden) if made else TextForm()
    for files, issues in emit_holdings(
        applied, folder.folder("out/holdings"), project.output, form, parts, threads, progress
    ):
        emitted.file("holdings", files)
        emitted.issues += issues
    if applied.holdings_record is not None:
        from transformer.pipeline.emit_holdings_records import emit_holdings_records

        records = {name.removesuffix("_record"): t for name, t in staged.tables.items() if "_record" in name}
        done = emit_holdings_records(
            applied.holdings_record, records, planned.sources, folder.folder("out/holdings"),
            project.output, form, applied.holdings_edits, parts, threads, progress,
        )  # fmt: skip
        emitted.file("holdings", done.files)
        emitted.issues += done.issues
        emitted.failed += done.failed
        emitted.count(done.written, "holdings")
    progress.phase("write tables", 0)
    for table, files, issues in emit_rows(applied, out, project.output, parts, threads, progress):
        emitted.file(table, files)
        emitted.issues += issues
    if project.delivery.items_in_bibs:
        from transformer.pipeline.emit_profile import emit_profile

        # Two small pages: made anew where a run goes on.
        emitted.file("profile", emit_profile(applied, project, ruleset, folder.folder("out/profile")))
    return emitted


def _emit_bibs(
    emitted: Emitted,
    applied: Applied,
    staged: Staged,
    planned: Planned,
    project: Project,
    ruleset: RuleSet,
    folder: RunFolder,
    parts: Parts,
    threads: int,
    progress: Progress,
) -> None:
    from transformer.pipeline.emit_bib import emit_bibs, join_suppressed
    from transformer.writers.text import TextForm

    sources = planned.sources.get("bib")
    if not sources:
        return
    bib, place = ruleset.rules.bib, folder.folder("out/bib")
    progress.phase("write bibs", sum(source.path.stat().st_size for source in sources))
    suppressed: list[Path] = []
    for done in emit_bibs(
        applied, staged.tables["bib_record"], sources, place, folder.folder("work/suppressed"),
        project.output, TextForm(bib.nfc, bib.forbidden), parts, threads, progress,
    ):  # fmt: skip
        emitted.file("bib", done.files)
        emitted.issues += done.issues
        suppressed += done.suppressed
        emitted.failed += [Piece(s, "bib", at, count, code) for s, at, count, code in done.failed]
        emitted.count(done.written, "bib")
    emitted.file("bib", join_suppressed(suppressed, place, project.output, parts))
