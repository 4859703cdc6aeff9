"""What commands have in common: the job they give back, its outcome, and options that several have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import click

from transformer.errors import TransformerError


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ended: the exit code, and a function that tells the person or program who asked."""

    exit_code: int
    tell: Callable[[], None]


class Interrupted(TransformerError):
    """Somebody pressed Ctrl-C."""

    exit_code = 130


INTERRUPTED = "interrupted; no half-written file was left under a final name"

Job: TypeAlias = Callable[[], Outcome]

# Whether a path is there and may be read is told by `early`, in more words than click has.
PATH = click.Path(readable=False, path_type=Path)

json_option = click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout at the end.")
quiet_option = click.option("--quiet", "-q", is_flag=True, help="Say nothing but errors.")
threads_option = click.option(
    "--threads", metavar="N", type=click.IntRange(1, 1024), help="Work on N cores (default: all)."
)
encoding_option = click.option(
    "--encoding",
    metavar="NAME",
    default="auto",
    help="What the input is in: utf-8, marc-8, latin-1, windows-1252, iso5426 ... (default: found by "
    "looking); with ,brace-unicode behind it where {u00E9} stands for a letter.",
)


def outcome(
    exit_code: int,
    as_json: bool,
    quiet: bool,
    to_object: Callable[[], dict[str, Any]],
    to_blocks: Callable[[], list[Any]],
) -> Outcome:
    """The outcome that tells an object (`--json`), or blocks for `draw` unless it shall be quiet."""

    def tell() -> None:
        if as_json:
            from transformer.cli.objects import write

            write(to_object())
        elif not quiet:
            from transformer.cli.draw import draw

            draw(to_blocks())

    return Outcome(exit_code, tell)
