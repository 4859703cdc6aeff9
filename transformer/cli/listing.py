"""The words of `worklists`, and what it says."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from transformer.cli import early
from transformer.cli.jobs import PATH, Job, Outcome, json_option, outcome, quiet_option

if TYPE_CHECKING:
    from transformer.cli.draw import Block
    from transformer.pipeline.results import WorklistResult


@click.command(short_help="Write what items' statuses leave to do after go-live.")
@click.argument("place", metavar="RUN", type=PATH)
@click.option("--out", "output", metavar="FOLDER", type=PATH, help="Where to (default: RUN/worklists).")
@json_option
@quiet_option
def worklists(place: Path, output: Path | None, as_json: bool, quiet: bool) -> Job:
    """Write what the statuses of items leave to do after go-live: for each status a list of barcodes, the
    search that finds the items in Alma, the job's parameters and a page of steps. RUN is a run's folder, or
    LIB for its latest run."""
    return partial(_worklists, early.run_place(place), output, as_json, quiet)


def _worklists(place: Path, output: Path | None, as_json: bool, quiet: bool) -> Outcome:
    from transformer import api
    from transformer.cli import objects

    result = api.worklists(place, output)
    return outcome(0, as_json, quiet, partial(objects.of_worklists, result), partial(of_worklists, result))


def of_worklists(result: WorklistResult) -> list[Block]:
    """Blocks for `worklists`: a row a list, what is on none, where they lie."""
    from transformer.cli.draw import Line, Table
    from transformer.reports.words import counted

    blocks: list[Block] = []
    if result.lists:
        head = ("status", "what to do", "items", "without barcode")
        rows = tuple(
            (one.status, one.title, f"{one.item_count:,}", f"{one.no_barcode_count:,}")
            for one in result.lists
        )
        blocks.append(Table(f"Worklists of run {result.run}", head, rows, frozenset(head[2:])))
    else:
        blocks.append(Line("No item has a status that leaves anything to do.", "good"))
    if result.undecided:
        count = sum(n for _, n in result.undecided)
        blocks.append(
            Line(f"{counted(count, 'item')} on no list: no row of the map knows their status.", "bad")
        )
    return [*blocks, Line(""), Line(f"Next  {result.folder / 'index.md'}", "strong")]
