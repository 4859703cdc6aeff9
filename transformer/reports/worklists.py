"""Worklists: what a person is given for the items of one status, as texts.

For each status and procedure a page of steps, the searches that find the same items in Alma, the parameters
of the job, and the list of barcodes; and one index. Plain facts in, text out; nothing is read or written
here. Same facts, same bytes.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from transformer.reports.words import counted

PROCESS_TYPES: Final = {
    "TECHNICAL": "Technical - Migration",
    "MISSING": "Missing",
    "LOAN": "Loan",
    "LOST_LOAN": "Lost",
    "CLAIM_RETURNED_LOAN": "Claimed Returned",
    "HOLDSHELF": "Hold Shelf",
    "TRANSIT": "Transit",
    "WORK_ORDER_DEPARTMENT": "Managed by Department",
    "ACQ": "Acquisition",
}
"""Names on Alma's screens (reference on Alma, 2.4). Other codes are shown as they are."""
PARAMETERS: Final = {"MISSING_STATUS": "Missing Status", "PHYSICAL_CONDITION": "Physical Condition"}
"""Rows of the job's screen."""
JOB: Final = "Change Physical Items"


@dataclass(frozen=True, slots=True)
class WorkPage:
    """One status and one procedure.

    note: the whole text in the note; note_name: of the note, as Alma's screens call it. barcodes: each once,
    in the order of the items. no_barcode: number and bib number of items without. shared_count: barcodes that
    several items have. alike: other notes that a search for this one's words finds too, with their items.
    also: folders of other lists that some of these items are on, with how many. process_types: of these
    items, as expected. self_load: the library loads by profiles itself.
    """

    folder: str
    status: str
    note: str
    note_name: str
    title: str
    steps: tuple[str, ...]
    put_right: str
    jobs: tuple[Mapping[str, str], ...]
    barcodes: tuple[str, ...]
    no_barcode: tuple[tuple[str, str], ...]
    item_count: int
    shared_count: int
    alike: tuple[tuple[str, int], ...]
    also: tuple[tuple[str, int], ...]
    process_types: tuple[str, ...]
    self_load: bool


def barcode_list(page: WorkPage) -> str:
    """The file for an itemized set: header `Barcode`, one a line."""
    return _csv([("Barcode",), *((barcode,) for barcode in page.barcodes)])


def no_barcode_list(page: WorkPage) -> str:
    """Items that no list of barcodes can name."""
    return _csv([("Item number", "Bib number"), *page.no_barcode])


def _csv(rows: Sequence[Sequence[str]]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    return out.getvalue()


def job_text(parameters: Mapping[str, str]) -> str:
    """The body of one run of the job through Alma's API; SET_ID is to be replaced by the set's number."""
    listed: list[tuple[str, str]] = []
    for name, value in parameters.items():
        listed += [(f"{name}_selected", "true"), (f"{name}_value", value), (f"{name}_condition", "Null")]
    listed.append(("set_id", "SET_ID"))
    body = {"parameter": [{"name": {"value": name}, "value": value} for name, value in listed]}
    return json.dumps(body, indent=2, ensure_ascii=False) + "\n"


def searches(page: WorkPage) -> tuple[str, ...]:
    """The advanced searches for Physical Items that find these items, one a line."""
    said = "contains keywords" if page.note_name != "Internal Note 3" else "contains"
    note = f'{page.note_name} {said} "{page.note}"'
    if page.self_load or not page.note:
        return (note,) if page.note else ()
    named = [PROCESS_TYPES.get(code, code) for code in page.process_types]
    return tuple(f'Process Type equals "{name}" and {note}' for name in named) or (note,)


def page_text(page: WorkPage) -> str:
    """The page of steps, in Markdown."""
    return (
        "\n".join(line for part in (_head(page), _set(page), _job(page), _steps(page)) for line in part)
        + "\n"
    )


def _head(page: WorkPage) -> Iterator[str]:
    yield f"# {page.status}: {page.title}"
    yield ""
    listed = f"{counted(len(page.barcodes), 'barcode')} in `barcodes.csv`"
    without = f"{len(page.no_barcode):,} without one in `no-barcode.csv`"
    yield f"{counted(page.item_count, 'item')}: {listed}, {without}."
    if page.shared_count:
        yield ""
        yield f"{counted(page.shared_count, 'barcode')} of the list on several items: look at those by hand."
    yield ""
    if page.self_load:
        yield "Do this after the load and before the library opens: an import profile loads every item as in"
        yield "place, so that the status stands in the note alone. Make the sets then, not before: itemized"
        yield "sets do not survive a cutover."
    else:
        yield "Make the sets after cutover, not before: itemized sets do not survive it."
    if page.also:
        others = ", ".join(f"{folder} ({counted(count, 'item')})" for folder, count in page.also)
        yield ""
        yield f"Some of these items are on other lists, too: {others}."
        if any(job.get("MISSING_STATUS") == "Null" for job in page.jobs):
            yield "Do this page first: its last run takes Missing away from every item of the set."
    if page.put_right:
        yield ""
        yield f"**Put right.** {page.put_right}"


def _set(page: WorkPage) -> Iterator[str]:
    found = searches(page)
    yield from ("", "## The items in Alma", "")
    if found:
        yield "Advanced search, Physical Items:"
        yield ""
        yield from (f"- {line}" for line in found)
        if page.alike:
            others = ", ".join(f"{note} ({counted(count, 'item')})" for note, count in page.alike)
            yield ""
            yield f"The search finds other statuses with the same words, too: {others}."
            yield "The list of barcodes does not."
        yield ""
        yield "Save the query as a set that is not private, then choose Itemize among the set's row actions:"
        yield "the job takes an itemized set."
        yield ""
    yield "Or make the itemized set from `barcodes.csv`: Manage Sets, Add Set, Itemized, content type"
    yield "Physical Items, from file. The form of this file (a first line `Barcode`, then one a line) was not"
    yield "verified against Alma: try it with two barcodes first."


def _job(page: WorkPage) -> Iterator[str]:
    if not page.jobs:
        return
    yield from ("", "## The job", "")
    yield f"Admin > Run a Job > {JOB}, on the itemized set. Tick only these rows of the task parameters:"
    yield ""
    several = len(page.jobs) > 1
    for number, parameters in enumerate(page.jobs, start=1):
        rows = [f"{PARAMETERS.get(name, name)}: {_value(name, value)}" for name, value in parameters.items()]
        run = f"Run {number}. " if several else ""
        yield f"- {run}{'; '.join(rows)}; each unconditionally (`job-{number}.json`)"
    yield ""
    yield "The job cannot be undone. Its parameters for Alma's API (POST /conf/jobs/M18?op=run) stand in the"
    yield "JSON files, with SET_ID for the set's number. Their values were not verified against Alma."


def _value(name: str, value: str) -> str:
    if value == "Null":
        return "take it away"
    return PROCESS_TYPES.get(value, value) if name == "MISSING_STATUS" else value


def _steps(page: WorkPage) -> Iterator[str]:
    yield from ("", "## Steps", "")
    for number, step in enumerate(page.steps, start=1):
        yield f"{number}. {step}"


@dataclass(frozen=True, slots=True)
class WorkIndex:
    """What all pages have in common. undecided: codes that no row of the map knows, with their items."""

    site: str
    run: str
    pages: tuple[WorkPage, ...]
    undecided: tuple[tuple[str, int], ...]


def index_text(index: WorkIndex) -> str:
    """The index page, in Markdown."""
    return "\n".join(_index(index)) + "\n"


def _index(index: WorkIndex) -> Iterator[str]:
    yield f"# {index.site or 'Worklists'}: what statuses leave to do after go-live (run {index.run})"
    yield ""
    if any(page.self_load for page in index.pages):
        yield "Work through these lists after the load and before the library opens."
    else:
        yield "Make the sets after cutover: itemized sets do not survive it. The lists of barcodes are those"
        yield "of this run's extracts; after the final load, make them anew from the run that was loaded."
    yield ""
    if not index.pages:
        yield "No item has a status that leaves anything to do."
    else:
        yield "| Status | What to do | Items | With barcode | Without | Folder |"
        yield "|---|---|--:|--:|--:|---|"
        for page in index.pages:
            counts = (
                f"{page.item_count:,} | {page.item_count - len(page.no_barcode):,} | {len(page.no_barcode):,}"
            )
            place = f"[{page.folder}]({page.folder}/steps.md)"
            yield f"| {_cell(page.status)} | {_cell(page.title)} | {counts} | {place} |"
    if index.undecided:
        yield ""
        yield "On no list, since no row of the map knows their status:"
        yield ""
        yield from (f"- `{code}`: {counted(count, 'item')}" for code, count in index.undecided)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
