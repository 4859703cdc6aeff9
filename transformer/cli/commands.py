"""The words of each command. A command checks what costs nothing and gives back a job; the job imports
the api, does the work and gives back an outcome. So `--help` and wrong words never wait for kernels.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Any

import click

from transformer.cli import asking, early, listing, made
from transformer.cli.jobs import (
    INTERRUPTED,
    PATH,
    Interrupted,
    Job,
    Outcome,
    encoding_option,
    json_option,
    outcome,
    quiet_option,
    threads_option,
)
from transformer.cli.usage import Words
from transformer.errors import UsageError

HELP = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(cls=Words, name="transformer", context_settings=HELP)
@click.version_option(package_name="transformer", message="transformer %(version)s")
def group() -> None:
    """Moves a library's records into Ex Libris Alma: extracts in, Alma-ready files out, every record
    accounted for.

    \b
    First time:   transformer demo
    A library:    transformer init SYSTEM mylib
                  put the extracts into mylib/extracts
                  transformer run mylib
    Format only:  transformer convert records.mrc records.xml
    A question:   transformer sql "select tag, count(*) from field group by all" records.mrc
    """


group.add_command(asking.explain)
group.add_command(asking.rules)
group.add_command(listing.worklists)


@group.command(short_help="Transform the sample library that ships with this program.")
@click.argument("folder", type=PATH, default=Path("demo"))
@json_option
@quiet_option
def demo(folder: Path, as_json: bool, quiet: bool) -> Job:
    """Transform the sample library that ships with this program (invented people, a few thousand
    records) into FOLDER (default: demo), and say where the report lies."""
    if folder.exists() and not folder.is_dir():
        raise UsageError("is a file", str(folder), "a folder, or a name that is free", "Name another folder.")
    return partial(_demo, folder, as_json, quiet)


group.add_command(made.synth)


@group.command(short_help="Begin a library's project: its folder and project file.")
@click.argument("system")
@click.argument("folder", type=PATH)
@json_option
@quiet_option
def init(system: str, folder: Path, as_json: bool, quiet: bool) -> Job:
    """Begin a library's project: make FOLDER with a project file for records that come from SYSTEM."""
    return partial(_init, early.known_system(system), early.new_folder(folder), as_json, quiet)


@group.command(short_help="Transform a library's extracts into an Alma-ready delivery.")
@click.argument("library", metavar="LIB", type=PATH)
@click.option("--run", "name", metavar="NAME", help="Name of the run's folder (default: 0001, 0002 ...).")
@click.option("--resume", is_flag=True, help="Go on with the newest run that was cut off, or --run NAME.")
@threads_option
@click.option(
    "--memory", metavar="SIZE", help="For the whole run, e.g. 2GB (default: half of the machine); then disk."
)
@click.option("--as-of", metavar="DATE", help="The day that rules take for today, e.g. 2026-01-31.")
@json_option
@quiet_option
def run(
    library: Path,
    name: str | None,
    resume: bool,
    threads: int | None,
    memory: str | None,
    as_of: str | None,
    as_json: bool,
    quiet: bool,
) -> Job:
    """Transform the extracts of the library in folder LIB into LIB/runs/NAME: the delivery, what was
    set aside, and a report. A run that was cut off goes on with --resume."""
    folder = early.library(library)
    words = {
        "name": name if resume else early.run_name(name, folder),
        "resume": resume,
        "as_of": early.day(as_of),
        "threads": threads,
        "memory_bytes": early.byte_size(memory),
    }
    return partial(_run, folder, words, as_json, quiet)


@group.command(short_help="Check a library's project file, rules and maps.")
@click.argument("library", metavar="LIB", type=PATH)
@json_option
@quiet_option
def check(library: Path, as_json: bool, quiet: bool) -> Job:
    """Check the project file, rules and maps of the library in folder LIB, without running. All
    mistakes are shown at once."""
    return partial(_check, early.library(library), as_json, quiet)


@group.command(short_help="Convert MARC files between containers, without rules.")
@click.argument("paths", metavar="IN... OUT", nargs=-1, required=True, type=PATH)
@click.option(
    "--to", type=click.Choice(early.CONTAINERS), help="What to write (default: as the suffix of OUT says)."
)
@click.option(
    "--from",
    "source",
    type=click.Choice(early.INPUT_CONTAINERS),
    help="What IN is (default: found by looking at its bytes).",
)
@click.option("--parts", metavar="N", type=click.IntRange(1, 1024), default=1, help="Write N files at once.")
@click.option(
    "--columns", metavar="LIST", default="", help="Only these, one row a record, e.g. 001,100a,650a."
)
@click.option(
    "--split-long",
    is_flag=True,
    help="ISO 2709: write too long a record as several with the same 001; else it is set aside.",
)
@encoding_option
@click.option(
    "--to-encoding",
    metavar="NAME",
    help="What to write: utf-8 (default), or marc-8 in .mrc and .mrk, with &#x6F22; for what it lacks.",
)
@threads_option
@click.option("--overwrite", is_flag=True, help="Replace OUT if it exists.")
@json_option
@quiet_option
def convert(
    paths: tuple[Path, ...],
    to: str | None,
    source: str | None,
    parts: int,
    columns: str,
    split_long: bool,
    encoding: str,
    to_encoding: str | None,
    threads: int | None,
    overwrite: bool,
    as_json: bool,
    quiet: bool,
) -> Job:
    """Convert MARC files from one container into another, without rules: IN may be ISO 2709, MARCXML, JSON,
    mnemonic text or lines with system numbers, packed or not (found by looking), a pattern, or - for standard
    input. OUT ends in .mrc, .xml, .json, .jsonl, .mrk, .seq or .parquet."""
    *inputs, output = paths
    if not inputs:
        raise UsageError(
            "one file is named, two are needed",
            "transformer convert",
            "first the file or files to read, last the file to write",
            f"transformer convert {output} {output.with_suffix('.xml').name}",
        )
    early.encoding(encoding)
    container = early.container_for(output, to)
    early.output_encoding(to_encoding, container)
    inputs = [each for path in inputs for each in early.input_files(path, source)]
    words = {
        "to": container,
        "container": source,
        "parts": parts,
        "columns": early.columns(columns, container),
        "split_long": early.split_long(split_long, container),
        "encoding": encoding,
        "to_encoding": to_encoding,
        "threads": threads,
        "overwrite": overwrite,
    }
    early.output_place(output, inputs, overwrite)
    return partial(_convert, tuple(inputs), output, words, as_json, quiet)


@group.command(short_help="Ask MARC files with SQL.")
@click.argument("query")
@click.argument("paths", metavar="FILE...", nargs=-1, required=True, type=PATH)
@click.option(
    "--out", "output", metavar="OUT", type=PATH, help="Write all rows: .csv, .parquet, .json or .jsonl."
)
@click.option(
    "--limit-rows", metavar="N", type=click.IntRange(1), default=40, help="Show so many rows (default: 40)."
)
@click.option(
    "--memory", metavar="SIZE", help="For groups, sorting and joins, e.g. 2GB (default: 1GB); then disk."
)
@click.option(
    "--from",
    "source",
    type=click.Choice(early.INPUT_CONTAINERS),
    help="What FILE is (default: found by looking at its bytes).",
)
@encoding_option
@threads_option
@click.option("--overwrite", is_flag=True, help="Replace OUT if it exists.")
@json_option
@quiet_option
def sql(
    query: str,
    paths: tuple[Path, ...],
    output: Path | None,
    limit_rows: int,
    memory: str | None,
    source: str | None,
    encoding: str,
    threads: int | None,
    overwrite: bool,
    as_json: bool,
    quiet: bool,
) -> Job:
    """Ask MARC files with SQL. FILE may be anything that convert reads: packed files, patterns, - for
    standard input; several are one extract.

    \b
    transformer sql "select tag, code, count(*) from subfield group by all" records.mrc
    transformer sql "select value, count(*) n from spec('650a') group by all order by n desc" records.mrc
    transformer sql "select spec('001'), spec('245ab') from record where spec('008/35-37') = 'ger'" \\
                    records.mrc --out german.csv

    Tables: record, field, subfield, and issue (what was found wrong). spec('650a') has a row for each 650 $a;
    beside the columns of record, spec('245a') is the first 245 $a and specs('650a') the list of all 650 $a.
    "describe subfield" shows a table's columns.
    """
    text = early.query(query)
    inputs = [each for path in paths for each in early.input_files(path, source)]
    words = {
        "output": early.answer_place(output, inputs, overwrite),
        "most_rows": limit_rows,
        "container": source,
        "encoding": early.encoding(encoding),
        "memory_bytes": early.byte_size(memory),
        "threads": threads,
        "overwrite": overwrite,
    }
    return partial(_sql, text, tuple(inputs), words, as_json, quiet)


def _demo(folder: Path, as_json: bool, quiet: bool) -> Outcome:
    from transformer.cli.progress import waiting

    with waiting(quiet) as progress:
        from transformer import api

        result = api.demo(folder, progress)
    return _outcome_of_run("demo", result, as_json, quiet)


def _run(folder: Path, words: dict[str, Any], as_json: bool, quiet: bool) -> Outcome:
    from transformer.cli.memory import load
    from transformer.cli.progress import waiting

    with waiting(quiet) as progress:
        from transformer import api

        try:
            load("transformer.pipeline.run")
            result = api.run(folder, progress=progress, **words)
        except KeyboardInterrupt:
            raise Interrupted(INTERRUPTED, next_step=early.resuming(folder)) from None
    return _outcome_of_run("run", result, as_json, quiet)


def _outcome_of_run(command: str, result: Any, as_json: bool, quiet: bool) -> Outcome:
    from transformer.cli import objects, show

    return outcome(
        result.exit_code,
        as_json,
        quiet,
        partial(objects.of_run, command, result),
        partial(show.of_run, result),
    )


def _convert(
    inputs: tuple[Path, ...], output: Path, words: dict[str, Any], as_json: bool, quiet: bool
) -> Outcome:
    from transformer.cli import objects, show
    from transformer.cli.progress import waiting

    with waiting(quiet) as progress:
        from transformer import api

        result = api.convert(inputs, output, progress=progress, **words)
    # A conversion has no limits of a site: bytes set aside are for a person to see, so they make it 1.
    exit_code = 1 if result.set_aside_count else 0
    return outcome(
        exit_code,
        as_json,
        quiet,
        partial(objects.of_convert, result, exit_code),
        partial(show.of_convert, result, output),
    )


def _sql(query: str, inputs: tuple[Path, ...], words: dict[str, Any], as_json: bool, quiet: bool) -> Outcome:
    from transformer.cli import objects, show
    from transformer.cli.progress import waiting

    with waiting(quiet) as progress:
        from transformer import api

        result = api.ask(query, inputs, progress=progress, **words)
    # As for a conversion: records that no row tells of are for a person to see.
    exit_code = 1 if result.set_aside_count else 0

    def tell() -> None:
        if as_json:
            objects.write(objects.of_sql(result, exit_code))
        else:
            from transformer.cli.draw import draw

            draw(show.of_sql(result, words["output"]))
        if not quiet or result.set_aside_count:
            sys.stdout.flush()
            sys.stderr.write(f"{show.read_for_sql(result)}\n")

    return Outcome(exit_code, tell)


def _init(system: str, folder: Path, as_json: bool, quiet: bool) -> Outcome:
    from transformer import api
    from transformer.cli import objects, show

    files = api.init(system, folder)
    return outcome(
        0, as_json, quiet, partial(objects.of_init, folder, files), partial(show.of_init, folder, files)
    )


def _check(folder: Path, as_json: bool, quiet: bool) -> Outcome:
    from transformer import api
    from transformer.cli import objects, show
    from transformer.errors import RulesError

    mistakes = api.check(folder)
    if mistakes:
        raise RulesError(mistakes)
    files = api.encodings_of(folder)
    return outcome(
        0,
        as_json,
        quiet,
        partial(objects.of_check, folder, files),
        partial(show.of_check, folder, files),
    )
