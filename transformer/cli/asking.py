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


@click.group(short_help="Check rules, or show which rule wins and what it becomes.")
def rules() -> None:
    """Check the rules of a library or of a folder, or show which of them win."""


@rules.command(name="check", short_help="Name all mistakes in rules and maps at once.")
@click.argument("place", metavar="LIB|FOLDER", type=PATH)
@json_option
@quiet_option
def rules_check(place: Path, as_json: bool, quiet: bool) -> Job:
    """Check the rules and maps of the library in LIB, or those in FOLDER over what is true everywhere: shape,
    meaning, and a trial of the compiled SQL. All mistakes are named at once, each with file and line; after
    them hints, which stop nothing."""
    return partial(_rules_check, early.folder(place), as_json, quiet)


@rules.command(name="show", short_help="Show which rule wins, what it replaced, the SQL it becomes.")
@click.argument("place", metavar="LIB|FOLDER", type=PATH)
@click.argument("target", default="")
@json_option
@quiet_option
def rules_show(place: Path, target: str, as_json: bool, quiet: bool) -> Job:
    """Show TARGET: the rule that wins with file and line, what it replaced, and the SQL it becomes. Targets
    are item.item_policy, bib.edit.former-number, map.location, extract.bib and the like; without one, all are
    listed with the file that decides."""
    return partial(_rules_show, early.folder(place), target, as_json, quiet)


def _rules_check(place: Path, as_json: bool, quiet: bool) -> Outcome:
    from transformer import api
    from transformer.cli import objects
    from transformer.cli.ruled import of_checked
    from transformer.errors import RulesError

    checked = api.check_rules(place)
    if checked.mistakes:
        raise RulesError(checked.mistakes)
    return outcome(
        0, as_json, quiet, partial(objects.of_checked, checked), partial(of_checked, place, checked)
    )


def _rules_show(place: Path, target: str, as_json: bool, quiet: bool) -> Outcome:
    from transformer import api
    from transformer.cli import objects
    from transformer.cli.ruled import of_shown

    found = api.show_rules(place, target)
    return outcome(0, as_json, quiet, partial(objects.of_shown, found), partial(of_shown, found, target))
