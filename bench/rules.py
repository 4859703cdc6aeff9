"""Mapping and status rules from staged tables to CSV, and edits of bibs beside a conversion.

    python -m bench.rules [--records N] [--rounds N] [--scratch FOLDER]

Items: the seeded library (1,500,000 items and 300,000 patrons at 1,000,000 bibs; most items come both as a
field of their bib and as a row, which the rules merge) is staged once. Told: the statements that items,
patrons and their children need, run by themselves; all statements (holdings, edits, links, findings, ledger
as well); writing the delimited tables, hashing included. Wall and processor seconds of this process.

Edits: the file of bibs, none of its fields taken for an item, the edits of bench/edits.toml and those of
every library, as whole processes beside `convert --parts 2`, in turns; the same with the tables of validation
on. Hashing is told as what SHA-256 of the delivered bibs takes, one thread.
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import json
import os
import re
import shutil
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import extracts, measure
from bench.measure import Command
from bench.peers import PROGRAM, arguments
from bench.whole import site

NO_ITEMS = '[extract.item_945]\nfield = "989"\n\n[extract.item_999]\nfield = "988"\n\n'
"""Tags that no bib has, for the items: those of the file are fields like others, and an edit drops them."""
EDITS = Path(__file__).with_name("edits.toml")
AS_OF = datetime.date(2026, 1, 1)
MAPPED = ("item_out", "patron_out", "status_decision")
"""Outputs that items and patrons are, beside the children of patrons."""


def needed(statements: tuple[Any, ...], outputs: tuple[str, ...]) -> tuple[Any, ...]:
    """The statements that the outputs are made of, in order: those that are named, and what those name."""
    wanted, kept = {*outputs}, []
    for statement in reversed(statements):
        if statement.kind == "drop":
            continue
        if statement.name in wanted:
            kept.append(statement)
            wanted |= {*re.findall(r"\w+", statement.body)}
    return tuple(reversed(kept))


def staged_library(bibs: int, scratch: Path) -> tuple[dict[str, Any], Any, Any]:
    """Staged tables, rules and project of the seeded library."""
    from transformer.engines.progress import Silent
    from transformer.extracts.spool import Spool
    from transformer.pipeline.encodings import with_encodings
    from transformer.pipeline.plan import plan_sources
    from transformer.pipeline.stage import stage_all
    from transformer.ruleset.files.project import load_project
    from transformer.ruleset.load import load_rules, rule_folders
    from transformer.ruleset.plan import stage_plan

    folder, _ = site(bibs, scratch)
    project = load_project(folder)
    ruleset = load_rules(rule_folders(project.system, folder), project.system)
    plan = stage_plan(ruleset, project)
    with Spool(folder / "runs") as spool:
        planned = with_encodings(plan_sources(folder, project, plan, spool), project, plan)
        staged = stage_all(planned.sources, plan, os.cpu_count() or 2, Silent())
    return staged.tables, ruleset, project


def timed(act: Callable[[], Any]) -> tuple[float, float, Any]:
    """Wall seconds, processor seconds, and what came of it."""
    wall, cpu = time.perf_counter(), time.process_time()
    made = act()
    return time.perf_counter() - wall, time.process_time() - cpu, made


def mapping(bibs: int, scratch: Path, rounds: int) -> dict[str, Any]:
    """Seconds of mapping, of all statements and of writing; medians. How many items and patrons came out."""
    from transformer.database.session import Settings
    from transformer.engines.jobs import Jobs
    from transformer.pipeline.apply import apply, run_program
    from transformer.pipeline.delivery import Delivery
    from transformer.pipeline.emit_rows import row_jobs
    from transformer.pipeline.memory import budget_of
    from transformer.pipeline.parts import Parts
    from transformer.pipeline.plan import Planned
    from transformer.pipeline.runs import RunFolder
    from transformer.pipeline.staged import Staged
    from transformer.ruleset.compile.program import compile_rules
    from transformer.ruleset.compile.registered import map_tables

    staged, ruleset, project = staged_library(bibs, scratch)
    columns = {name: frozenset(table.schema.names) for name, table in staged.items()}
    clean = {name: table.clean for name, table in staged.items()}
    program = compile_rules(ruleset, project, AS_OF, columns, clean)
    children = tuple(table.output for table in program.tables if table.folder == "patron")
    some = dataclasses.replace(program, statements=needed(program.statements, (*MAPPED, *children)))
    work, threads = scratch / "rules-work", os.cpu_count() or 2
    budget = budget_of(None, threads)  # as a run has it
    settings = Settings(budget.database_bytes, budget.database_threads, work)

    def mapped() -> dict[str, Any]:
        return run_program({**staged, **map_tables(ruleset)}, some, settings, work)

    def whole() -> Any:
        return apply(staged, ruleset, project, AS_OF, settings=settings, work=work)

    told: dict[str, list[tuple[float, float]]] = {"mapping": [], "all statements": [], "writing": []}

    def keep(name: str, act: Callable[[], Any]) -> Any:
        wall, cpu, made = timed(act)
        told[name].append((wall, cpu))
        print(f"  {name}: {wall:.2f} s, processor {cpu:.2f} s")
        return made

    for _ in range(rounds):
        _emptied(work)
        made = keep("mapping", mapped)
        counts = {"items": made["item_out"].num_rows, "patrons": made["patron_out"].num_rows}
        _emptied(work)
        applied = keep("all statements", whole)
        nothing = Planned({}, ())
        jobs = Jobs(threads)
        jobs.add(row_jobs(Delivery(applied, Staged(), nothing, project, ruleset, RunFolder(work), Parts())))
        keep("writing", jobs.finish)
    shutil.rmtree(work)
    middle = {n: [statistics.median(one[at] for one in runs) for at in (0, 1)] for n, runs in told.items()}
    return {
        **counts,
        "statements": [len(some.statements), len(program.statements)],
        "seconds": {name: {"wall_s": wall, "cpu_s": cpu} for name, (wall, cpu) in middle.items()},
        "items_per_s": counts["items"] / middle["mapping"][0],
        "items_per_core_s": counts["items"] / middle["mapping"][1],
    }


def _emptied(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def bibs_only(bibs: int, scratch: Path, validation: bool) -> Path:
    """A library of bibs alone, with the bench's edits."""
    made, _ = extracts.bib_file(bibs)
    folder = scratch / f"edits{'-checked' * validation}"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "extracts").mkdir(parents=True)
    (folder / "rules").mkdir()
    os.link(made, folder / "extracts" / "bib.mrc")
    numbers = '[numbers]\ncheck_digit = true\nletter = true\nprefix_035 = "SAMPLE"\n'
    text = f'system = "sierra"\nsite = "Sample Library"\ntarget = "self-load"\n\n{numbers}'
    (folder / "transformer.toml").write_text(text + "\n[bib]\nsuppress = []\n", "utf-8")
    off = "" if validation else '[validation]\nbib = ""\n\n'
    (folder / "rules" / "rules.toml").write_text(off + NO_ITEMS + EDITS.read_text("utf-8"), "utf-8")
    return folder


def edits(bibs: int, scratch: Path, rounds: int) -> dict[str, Any]:
    """Whole processes: conversion into two files, the run with edits, and the same with validation."""
    env = {"TRANSFORMER_CACHE": str(scratch / "kernels")}
    source, out = extracts.bib_file(bibs)[0], scratch / "edits.xml"
    folders = {"run": bibs_only(bibs, scratch, False), "run, validation on": bibs_only(bibs, scratch, True)}
    commands = {
        "convert --parts 2": Command(
            [PROGRAM, "convert", "--quiet", str(source), str(out), "--parts", "2"],
            outputs=(scratch / "edits*.xml",), env=env,
        )
    }  # fmt: skip
    samples: dict[str, list[measure.Sample]] = {name: [] for name in (*commands, *folders)}
    for number in range(rounds + 1):
        for name in samples:
            if name in folders:
                shutil.rmtree(folders[name] / "runs", ignore_errors=True)
                argv = [PROGRAM, "run", "--quiet", str(folders[name]), "--run", "bench"]
                sample = measure.run(Command(argv, env=env, ends=(0, 1)))
            else:
                sample = measure.run(commands[name])
            if number:  # the first one compiles
                samples[name].append(sample)
                print(f"  {name}: {sample.wall_s:.2f} s, processor {sample.cpu_s:.2f} s")
    found = {name: measure.summary(values) for name, values in samples.items()}
    hashed = _hashing(folders["run"] / "runs" / "bench" / "out" / "bib")
    phases = json.loads((folders["run"] / "runs" / "bench" / "manifest.json").read_bytes())["machine"][
        "seconds"
    ]
    for folder in folders.values():
        shutil.rmtree(folder)
    commands["convert --parts 2"].clear()
    return {
        "bibs": bibs,
        "runs": found,
        "phases_s": phases,
        "hashing_s": hashed,
        "speed": found["convert --parts 2"]["wall_s"] / found["run"]["wall_s"],
        "speed_by_processor": found["convert --parts 2"]["cpu_s"] / found["run"]["cpu_s"],
    }


def _hashing(folder: Path) -> float:
    """Seconds that SHA-256 of the files takes, from the page cache."""
    start = time.perf_counter()
    for path in sorted(folder.glob("*.xml")):
        with path.open("rb") as file:
            hashlib.file_digest(file, "sha256")
    return time.perf_counter() - start


def rules(bibs: int, scratch: Path, rounds: int = 3) -> dict[str, Any]:
    """Both."""
    scratch.mkdir(parents=True, exist_ok=True)
    return {"mapping": mapping(bibs, scratch, rounds), "edits": edits(bibs, scratch, rounds)}


def lines(found: dict[str, Any]) -> list[str]:
    """What is told in the README."""
    mapped, edited = found["mapping"], found["edits"]
    s, r = mapped["seconds"], edited["runs"]
    rate, mapping, every = mapped["items_per_s"], s["mapping"], s["all statements"]
    run, convert, checked = r["run"], r["convert --parts 2"], r["run, validation on"]
    return [
        f"Rules from staged tables to CSV, {mapped['items']:,} items and {mapped['patrons']:,} patrons: "
        f"mapping and statuses **{rate:,.0f} items/s** ({mapping['wall_s']:.1f} s, processor "
        f"{mapping['cpu_s']:.1f} s; goal: at least 400,000 items/s on 2 cores), writing "
        f"{s['writing']['wall_s']:.1f} s, all statements of the run {every['wall_s']:.1f} s "
        f"(processor {every['cpu_s']:.1f} s).",
        "",
        f"Bibs only, 30 edits, {edited['bibs']:,} bibs: {edited['speed']:.2f} of the speed of "
        f"`convert --parts 2` ({run['wall_s']:.1f} s and {convert['wall_s']:.1f} s; goal: at least 0.7), "
        f"{edited['speed_by_processor']:.2f} by processor time; with validation {checked['wall_s']:.1f} s; "
        f"SHA-256 of what was delivered, one thread, {edited['hashing_s']:.1f} s.",
    ]


if __name__ == "__main__":
    chosen = arguments()
    print(json.dumps(rules(chosen.records, chosen.scratch, min(chosen.rounds, 3)), indent=2))
