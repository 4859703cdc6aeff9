"""The words of commands that ask: what a run did with a thing, what the rules say."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import click

from transformer.cli import early
from transformer.cli.jobs import PATH, Job, Outcome, json_option, outcome, quiet_option


@click.command(short_help="Say what a run did with one bib, item or patron, and why.")
@click.argument("place", metavar="RUN", type=PATH)
@click.argument("number")
@click.option(
    "--kind",
    type=click.Choice(("bib", "holdings", "item", "patron")),
    help="What the number is of, where it may mean several things.",
)
@click.option("--show-personal", is_flag=True, help="Show values of people, which are masked else.")
@json_option
@quiet_option
def explain(
    place: Path, number: str, kind: str | None, show_personal: bool, as_json: bool, quiet: bool
) -> Job:
    """Say what a run did with one thing: the record as it came, every rule that touched it with before and
    after, what was found, and where it was written. RUN is a run's folder, or LIB for its latest run; NUMBER
    a bib, item or patron number in any form, an item's barcode, or a patron's id."""
    words = {"kind": kind or "", "show_personal": show_personal}
    return partial(_explain, early.run_place(place), number, words, as_json, quiet)


def _explain(place: Path, number: str, words: dict[str, Any], as_json: bool, quiet: bool) -> Outcome:
    from transformer import api
    from transformer.cli import objects
    from transformer.cli.explained import of_explain

    told = api.explain(place, number, **words)
    # A number that nothing has is for the person to see, as in a search without hits.
    exit_code = 0 if told.things else 1
    return outcome(
        exit_code, as_json, quiet, partial(objects.of_explain, told, exit_code), partial(of_explain, told)
    )
