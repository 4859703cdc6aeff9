"""`run`: a library's extracts become a delivery, and every unit is accounted for on the way.

    plan    which file is which extract                      pipeline.plan
    stage   extracts -> tables that the rules asked for      pipeline.stage
    apply   tables -> decisions, new fields, delivered rows  pipeline.apply
    emit    decisions and extracts -> files                  pipeline.emit
    close   ledger, set-aside, reports, manifest             pipeline.books, close

The run folder appears at once and `runs/latest` names it only when all is done; files get their final
names when they are whole. Same extracts, rules and settings give the same bytes in out/, set-aside/ and
tables/, whatever the number of threads.

Each part that is done is logged (`pipeline.parts`); a run that was cut off by whatever goes on with
`resume` where it stopped, and ends with the same bytes. Reports and the like are written anew.
"""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transformer.engines import thread_count
from transformer.engines.progress import Progress, Silent
from transformer.errors import MachineError, UsageError
from transformer.extracts.spool import Spool
from transformer.pipeline import lock, runs
from transformer.pipeline.compiled import compiling
from transformer.pipeline.emit import emit_all
from transformer.pipeline.encodings import with_encodings
from transformer.pipeline.facts import Clock, RunFacts
from transformer.pipeline.memory import Budget, budget_of, let_go
from transformer.pipeline.parts import LoggedParts
from transformer.pipeline.plan import Planned, plan_sources
from transformer.pipeline.results import RunResult
from transformer.pipeline.resume import Inputs, facts_of, forget_starters, log_of, refuse_if_changed
from transformer.pipeline.stage import stage_all, unused_rows
from transformer.ruleset.compile.stage_plan import StagePlan
from transformer.ruleset.files.project import Project
from transformer.ruleset.files.rules import RuleSet


@dataclass(frozen=True, slots=True)
class _Planned:
    """What a run needs to begin. facts: all that its bytes depend on, but for the extracts."""

    project: Project
    ruleset: RuleSet
    plan: StagePlan
    planned: Planned
    day: datetime.date
    facts: dict[str, Any]


def run(
    library: Path,
    *,
    name: str | None = None,
    as_of: datetime.date | None = None,
    threads: int | None = None,
    memory_bytes: int | None = None,
    resume: bool = False,
    progress: Progress | None = None,
) -> RunResult:
    """Transform a library's extracts (see the module). Raises TransformerError where it cannot go on.

    memory_bytes: what it may take in all, None = half of the machine. resume: go on with the newest run that
    was cut off, or with the one called `name`.
    """
    from transformer.ruleset.files.project import load_project

    clock, shown, workers = Clock(), progress or Silent(), thread_count(threads)
    budget = budget_of(memory_bytes, workers)
    project = load_project(library)
    runs_folder = runs.runs_of(library)
    # Unpacked beside the runs, not in the run's own folder: a run whose files cannot be found leaves none.
    with (
        lock.run_lock(runs_folder / ".lock"),
        Spool(runs_folder) as spool,
        compiling("run", shown),
        contextlib.ExitStack() as until_done,
    ):
        runs.sweep(runs_folder)
        folder = _cut_off(library, name) if resume else None
        lines = log_of(folder) if folder else []
        with _without_starters(library, lines):
            work = _plan(library, project, as_of, spool, lines)
            inputs = until_done.enter_context(Inputs(work.planned.sources))
            if folder and lines:
                refuse_if_changed(folder, lines[0]["run"], work.facts | {"inputs": inputs.known()})
        folder = folder or runs.new_run(library, name)
        with _next_step_told(library):
            parts = LoggedParts(folder.path, work.planned.sources)
            if lines:
                parts.go_on(lines, workers)
            else:
                parts.begin_afresh()
                inputs.when_known(lambda known: parts.begin(work.facts | {"inputs": known}))
            result = _steps(library, folder, work, inputs, parts, budget, shown, clock)
            runs.point_latest(folder)
            parts.close()
            runs.clear_work(folder)
    return result


def _steps(
    library: Path,
    folder: runs.RunFolder,
    work: _Planned,
    inputs: Inputs,
    parts: LoggedParts,
    budget: Budget,
    progress: Progress,
    clock: Clock,
) -> RunResult:
    """Stage, apply, emit, close; what is logged is not done again."""
    from transformer.database.session import Settings
    from transformer.pipeline.apply import apply
    from transformer.pipeline.close import close_run
    from transformer.pipeline.delivery import Delivery
    from transformer.pipeline.run_tables import table_jobs

    staged = stage_all(work.planned.sources, work.plan, budget.threads, progress, parts)
    staged.issues += unused_rows(work.planned.unused)
    read = inputs.known()
    clock.done("read")
    let_go()
    progress.phase("apply", 0)
    applied = apply(
        staged.tables, work.ruleset, work.project, work.day,
        settings=Settings(budget.database_bytes, budget.database_threads, folder.folder("work/spill")),
        work=folder.folder("work/applied"), parts=parts,
    )  # fmt: skip
    clock.done("apply")
    let_go()
    delivery = Delivery(applied, staged, work.planned, work.project, work.ruleset, folder, parts)
    emitted = emit_all(delivery, budget.threads, progress, table_jobs(folder.folder("tables"), applied))
    clock.done("write")
    return close_run(
        RunFacts(
            folder, library, work.project, work.ruleset, work.planned, staged, applied, emitted, work.day,
            clock, read, parts.starters,
        )
    )  # fmt: skip


def _plan(
    library: Path,
    project: Project,
    as_of: datetime.date | None,
    spool: Spool,
    lines: list[dict[str, Any]],
) -> _Planned:
    """Rules, files and the day: as asked, else of the run that goes on, else the project's, else today."""
    from transformer.ruleset.load import load_rules, rule_folders
    from transformer.ruleset.plan import stage_plan

    ruleset = load_rules(rule_folders(project.system, library), project.system)
    plan = stage_plan(ruleset, project)
    planned = with_encodings(plan_sources(library, project, plan, spool), project, plan)
    begun = datetime.date.fromisoformat(lines[0]["run"]["as_of"]) if lines else None
    day = as_of or begun or project.as_of or datetime.date.today()
    return _Planned(project, ruleset, plan, planned, day, facts_of(library, project, day))


def _cut_off(library: Path, name: str | None) -> runs.RunFolder:
    """The run to go on with. Raises UsageError where there is none."""
    folder = runs.unfinished_run(library, name)
    if folder is None:
        what = f"the run {name} is not there, or is finished" if name else "no run here was cut off"
        raise UsageError(what, str(library), "a run to go on with", f"Begin one: transformer run {library}")
    return folder


@contextlib.contextmanager
def _without_starters(library: Path, lines: list[dict[str, Any]]) -> Iterator[None]:
    """Without the starter maps of the run that goes on; they are put back where it cannot."""
    removed = forget_starters(library, lines)
    try:
        yield
    except BaseException:
        for path, data in removed.items():
            path.write_bytes(data)
        raise


@contextlib.contextmanager
def _next_step_told(library: Path) -> Iterator[None]:
    """What gives out while a run is under way is told with how to go on."""
    try:
        yield
    except OSError as error:
        from transformer.writers.files import named_error

        told = named_error(error, Path(str(error.filename or library)))
        raise MachineError(told.what, told.where, told.expected, going_on(library, told.next_step)) from None
    except MachineError as error:
        step = going_on(library, error.next_step)
        raise MachineError(error.what, error.where, error.expected, step) from None


def going_on(library: Path, first: str = "") -> str:
    """The next step for a run that was cut off."""
    return f"{first} To go on where it stopped: transformer run {library} --resume".strip()
