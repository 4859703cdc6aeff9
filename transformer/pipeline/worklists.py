"""Worklists of a finished run: which items of which status are to be worked on after go-live, and how.

What leads to which procedure is said by the rules that the run was made with (`after_go_live` in the map of
statuses, `[worklist.*]`); what each item has is in the run's item_decision. Each status of an item is looked
at for itself, so that an item with two statuses is on the lists of both. Items of a status that none of its
procedures is for (a missing item that is on loan) go to the procedure that takes the rest: the sum of a
status's lists is never less than its items.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from transformer.errors import MachineError, UsageError
from transformer.pipeline.opened import OpenedRun, open_run
from transformer.pipeline.results import WorklistFact, WorklistResult
from transformer.reports import worklists as texts
from transformer.reports.worklists import WorkIndex, WorkPage
from transformer.ruleset.compile.status import only_kind
from transformer.ruleset.files.rules import RuleSet, Worklist

_COLUMNS = (
    "number", "bib_number", "barcode", "process_type", "kind", "source_status", "status_label", "matched_by",
    "status_note", "status_condition", "after_go_live", "loan", "request",
)  # fmt: skip
Row = dict[str, Any]


@dataclass(slots=True)
class _List:
    """Items of one status for one procedure, in the order of the table."""

    status: str
    note: str
    condition: str
    procedure: str
    rows: list[Row] = field(default_factory=list)


def write_worklists(place: Path, output: Path | None = None) -> WorklistResult:
    """Write the lists of the run at `place` (a run folder, or a library: its latest run).

    output: a new or empty folder; None = `worklists` in the run's folder, made anew. Raises UsageError where
    there is no run or no such folder, RulesError where the run's rules cannot be read.
    """
    opened = open_run(place)
    ruleset = _rules_of(opened)
    folder = _place(opened, output)
    table = _decisions(opened)
    index = _index(opened, ruleset, table)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for page in index.pages:
            _write(folder / page.folder, page)
        _text(folder / "index.md", texts.index_text(index))
    except OSError as error:
        raise MachineError(f"cannot be written: {error.strerror}", str(folder)) from None
    facts = tuple(
        WorklistFact(p.status, p.title, p.folder, p.item_count, len(p.barcodes), len(p.no_barcode))
        for p in index.pages
    )
    return WorklistResult(folder, opened.folder.name, facts, index.undecided)


def _rules_of(opened: OpenedRun) -> RuleSet:
    """The rules that the run keeps."""
    from transformer.ruleset.load import load_rules

    folders = sorted(path for path in (opened.folder / "rules").iterdir() if path.is_dir())
    ruleset = load_rules(folders, str(opened.manifest["system"]))
    if not ruleset.rules.worklist:
        raise UsageError("the run's rules know no worklists", str(opened.folder), next_step="Run it again.")
    return ruleset


def _place(opened: OpenedRun, output: Path | None) -> Path:
    if output is None:
        import shutil

        folder = opened.folder / "worklists"
        shutil.rmtree(folder, ignore_errors=True)
        return folder
    if output.is_file() or (output.is_dir() and any(output.iterdir())):
        raise UsageError("is not empty", str(output), "a new or empty folder", "Name another folder.")
    return output


def _decisions(opened: OpenedRun) -> pa.Table:
    """The rows that matter: those with a procedure, and those whose code no row knows."""
    table = opened.table("item_decision")
    if missing := [name for name in _COLUMNS if name not in table.column_names]:
        raise UsageError(
            "the run was made by an older version", str(opened.folder), f"columns {', '.join(missing)}",
            "Run it again.",
        )  # fmt: skip
    wanted = pc.or_(
        pc.is_valid(table.column("after_go_live")),
        pc.and_(pc.is_null(table.column("matched_by")), pc.is_valid(table.column("source_status"))),
    )
    return table.select(_COLUMNS).filter(wanted)


def _index(opened: OpenedRun, ruleset: RuleSet, table: pa.Table) -> WorkIndex:
    prefix, one_kind = ruleset.rules.item_status.note_prefix, only_kind(ruleset)
    lists: dict[tuple[str, str, str], _List] = {}
    unknown: dict[str, int] = {}
    notes: dict[str, int] = {}
    for row in table.to_pylist():
        row = {name: "" if value is None else value for name, value in row.items()}
        if not row["after_go_live"]:
            code = row["source_status"]
            if row["kind"] and row["kind"] != one_kind:
                code = f"{row['kind']} | {code}"
            unknown[code] = unknown.get(code, 0) + 1
            continue
        note = row["status_note"]
        notes[note] = notes.get(note, 0) + 1
        status = note.removeprefix(prefix) or row["status_label"]
        for name in procedures(row, ruleset.rules.worklist):
            key = (status, name, row["status_condition"])
            made = lists.setdefault(key, _List(status, note, row["status_condition"], name))
            made.rows.append(row)
    pages = _pages(opened, ruleset, list(lists.values()), notes)
    return WorkIndex(
        str(opened.manifest["site"]), opened.folder.name, tuple(pages), tuple(sorted(unknown.items()))
    )


def procedures(row: Row, known: Mapping[str, Worklist]) -> list[str]:
    """Names of the procedures that one status of one item is for; the one that takes the rest if none is."""
    named = [name for word in row["after_go_live"].split("|") if (name := word.strip()) in known]
    found = [name for name in named if is_for(known[name], row)]
    return found or [name for name, one in known.items() if one.rest]


def is_for(one: Worklist, row: Row) -> bool:
    """Whether a procedure is for an item that is on loan, on the hold shelf, or neither."""
    if one.who == "on loan":
        return bool(row["loan"])
    return one.who == "any" or not (row["loan"] or row["request"])


def _pages(
    opened: OpenedRun, ruleset: RuleSet, lists: Sequence[_List], notes: Mapping[str, int]
) -> Iterator[WorkPage]:
    rules = ruleset.rules
    order = list(rules.worklist)
    ordered = sorted(lists, key=lambda x: (x.status.casefold(), order.index(x.procedure), x.condition))
    folders: list[str] = []
    where: dict[str, list[str]] = {}
    for one in ordered:
        folder = f"{_slug(one.status)}/{_slug(one.procedure)}"
        while folder in folders:
            folder += "-2"
        folders.append(folder)
        for row in one.rows:
            where.setdefault(row["number"], []).append(folder)
    for one, folder in zip(ordered, folders, strict=True):
        procedure = rules.worklist[one.procedure]
        said = {"status": one.status, "condition": one.condition}
        barcodes = Counter(row["barcode"] for row in one.rows if row["barcode"])
        also = Counter(other for row in one.rows for other in where[row["number"]] if other != folder)
        yield WorkPage(
            folder=folder,
            status=one.status,
            note=one.note,
            note_name=rules.item_status.note_in.replace("_", " ").title(),
            title=_filled(procedure.title, said),
            steps=tuple(_filled(step, said) for step in procedure.steps),
            put_right=_filled(procedure.put_right, said),
            jobs=tuple({k: _filled(v, said) for k, v in job.items()} for job in procedure.jobs),
            barcodes=tuple(barcodes),
            no_barcode=tuple((r["number"], r["bib_number"]) for r in one.rows if not r["barcode"]),
            item_count=len(one.rows),
            shared_count=sum(count > 1 for count in barcodes.values()),
            alike=_alike(one.note, notes),
            also=tuple(sorted(also.items())),
            process_types=tuple(sorted({r["process_type"] for r in one.rows if r["process_type"]})),
            self_load=opened.manifest["target"] != "migration",
        )


def _filled(text: str, said: Mapping[str, str]) -> str:
    for name, value in said.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def _alike(note: str, notes: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    """Other notes that hold every word of this one."""
    words = _word_set(note)
    return tuple(
        (other, count)
        for other, count in sorted(notes.items())
        if other != note and words <= _word_set(other)
    )


def _word_set(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


def _slug(text: str) -> str:
    """A name that every file system takes."""
    return re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-") or "status"


def _write(folder: Path, page: WorkPage) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    _text(folder / "barcodes.csv", texts.barcode_list(page))
    _text(folder / "no-barcode.csv", texts.no_barcode_list(page))
    _text(folder / "search.txt", "".join(line + "\n" for line in texts.searches(page)))
    for number, parameters in enumerate(page.jobs, start=1):
        _text(folder / f"job-{number}.json", texts.job_text(parameters))
    _text(folder / "steps.md", texts.page_text(page))


def _text(path: Path, text: str) -> None:
    part = path.with_name(f".{path.name}.part")
    part.write_text(text, encoding="utf-8", newline="")
    part.replace(path)
