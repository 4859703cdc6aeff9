"""The words of `synth`: an invented library to try things on."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import click

from transformer.cli import early
from transformer.cli.jobs import PATH, Job, Outcome, json_option, outcome, quiet_option
from transformer.errors import UsageError


@click.command(short_help="Make the extracts of an invented library, with what should come out of them.")
@click.argument("folder", metavar="DIR", type=PATH)
@click.option("--system", required=True, help="The system whose extracts they are.")
@click.option(
    "--bibs", metavar="N", type=click.IntRange(1), default=1000, help="How many bibs (default: 1000)."
)
@click.option(
    "--seed", metavar="S", type=click.IntRange(0), default=7, help="Another number, another library."
)
@click.option(
    "--dirt", metavar="SHARE", type=click.FloatRange(0, 0.5), default=0.01, help="How much of it is wrong."
)
@click.option("--layout", metavar="NAME", help="The form of the extracts (default: the system's first).")
@click.option("--processes", metavar="N", type=click.IntRange(1, 64), help="The bytes do not depend on it.")
@json_option
@quiet_option
def synth(
    folder: Path,
    system: str,
    bibs: int,
    seed: int,
    dirt: float,
    layout: str | None,
    processes: int | None,
    as_json: bool,
    quiet: bool,
) -> Job:
    """Write native extracts of an invented library into DIR: bibs, items, holdings, patrons, loans and
    requests, with dirt as real ones have, and answer-key.json: what should come out of a run."""
    if folder.exists() and not folder.is_dir():
        raise UsageError("is a file", str(folder), "a folder, or a name that is free", "Name another folder.")
    words = {"bibs": bibs, "seed": seed, "dirt": dirt, "layout": layout, "processes": processes}
    return partial(_synth, folder, early.known_system(system), words, as_json, quiet)


def _synth(folder: Path, system: str, words: dict[str, Any], as_json: bool, quiet: bool) -> Outcome:
    from transformer.cli.progress import waiting

    with waiting(quiet) as progress:
        from transformer import api

        key = api.synth(folder, system, progress=progress, **words)
    from transformer.cli import objects, show

    return outcome(
        0, as_json, quiet, partial(objects.of_synth, folder, key), partial(show.of_synth, folder, key)
    )
