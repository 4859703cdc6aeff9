"""Checks that cost nothing and come before anything heavy is imported, so that a mistake shows at once.

Each raises UsageError (wrong words) or ExtractError (a file is not there or not what it should be). The
api checks again what it relies on: these checks are courtesy, not safety.
"""

from __future__ import annotations

import datetime
import difflib
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from transformer.errors import ExtractError, UsageError, printable
from transformer.extracts.charsets import output_encoding as output_encoding
from transformer.extracts.charsets import wish_of
from transformer.extracts.sniff import MARC_CONTAINERS, container_of, packing_of, refuse_odd
from transformer.extracts.spool import STDIN, expanded

INPUT_CONTAINERS: Final = MARC_CONTAINERS
CONTAINERS: Final = (*MARC_CONTAINERS, "marcjson_list", "parquet")
CONTAINER_OF_SUFFIX: Final = {
    ".mrc": "iso2709",
    ".marc": "iso2709",
    ".iso2709": "iso2709",
    ".xml": "marcxml",
    ".marcxml": "marcxml",
    ".seq": "aleph_sequential",
    ".json": "marcjson_list",
    ".jsonl": "marcjson",
    ".ndjson": "marcjson",
    ".mrk": "mnemonic",
    ".parquet": "parquet",
}
ANSWER_SUFFIXES: Final = (".csv", ".parquet", ".json", ".jsonl")
PROJECT_FILE: Final = "transformer.toml"

_RUN_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_COLUMN: Final = re.compile(r"[A-Za-z0-9]{3}[!-~]*")
_SIZE: Final = re.compile(r"(\d{1,9}(?:\.\d{1,3})?) ?([KMGT]i?B?)", re.IGNORECASE)
# Names that Windows keeps for devices, with any suffix.
_DEVICES: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def nearest(word: str, known: Iterable[str]) -> str:
    """ "did you mean `x`?" for the known word most like `word`; empty where none is like it."""
    names = sorted(known)
    by_lower = {name.lower(): name for name in names}
    found = difflib.get_close_matches(word.lower(), by_lower, n=1, cutoff=0.6)
    return f"did you mean `{printable(by_lower[found[0]])}`?" if found else ""


def rule_folders() -> tuple[Path, ...]:
    """Folders that may hold the rules: inside the installed package, else beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    return tuple(f for f in (package / "_rules", package.parent / "rules") if f.is_dir())


def systems() -> tuple[str, ...]:
    """Names of the source systems that rules exist for: the folders of rules/, sorted."""
    names = {
        folder.name
        for root in rule_folders()
        for folder in root.iterdir()
        if folder.name != "base" and not folder.name.startswith(("_", ".")) and any(folder.glob("*.toml"))
    }
    return tuple(sorted(names))


def known_system(word: str) -> str:
    """The system's name as its folder spells it. Raises UsageError with the nearest one."""
    known = systems()
    for name in known:
        if name.lower() == word.lower():
            return name
    raise UsageError(
        f"no rules for a system called `{word}`",
        "transformer init",
        f"one of: {', '.join(known)}" if known else "a folder in rules/",
        nearest(word, known) or "Choose one of these; `transformer init --help` says more.",
    )


def input_files(path: Path, container: str | None = None) -> tuple[Path, ...]:
    """The files that a word means: itself, standard input for `-`, what a pattern matches. Raises
    ExtractError where one cannot be read or is no MARC; what is packed is looked into later."""
    if path == STDIN:
        return (path,)
    return tuple(input_file(each, container) for each in expanded([path]))


def input_file(path: Path, container: str | None = None) -> Path:
    """The path, if a MARC file that can be read lies there, or a packed one. Raises ExtractError.

    container: what the user says it is; then nobody looks.
    """
    if not path.exists() and not path.is_symlink():
        raise ExtractError("no such file", str(path), "an extract file", _instead_of(path))
    if path.is_dir():
        raise ExtractError("is a folder", str(path), "a file", f"Name the files in it, e.g. {path / '*.mrc'}")
    refuse_odd(path)
    if not os.access(path, os.R_OK):
        raise ExtractError(
            "may not be read: permission denied",
            str(path),
            "a file that you may read",
            "Change its permissions, or copy it to a folder of your own.",
        )
    if not packing_of(path) and container is None:
        container_of(path)
    return path


def _instead_of(path: Path) -> str:
    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except OSError:
        return f"Check the name: there is no folder {path.parent} that could be looked into."
    return nearest(path.name, names) or "Check the name and the folder you are in."


def container_for(output: Path, to: str | None) -> str:
    """What to write: `to` if given, else what the output's suffix says. Raises UsageError."""
    if to is not None:
        return to
    found = CONTAINER_OF_SUFFIX.get(output.suffix.lower())
    if found is not None:
        return found
    raise UsageError(
        f"the suffix `{output.suffix}` does not say what to write"
        if output.suffix
        else "a name without a suffix does not say what to write",
        str(output),
        f"a name that ends in one of {', '.join(CONTAINER_OF_SUFFIX)}",
        f"Change the name, or say it: --to {'|'.join(CONTAINERS)}",
    )


def output_place(output: Path, inputs: Sequence[Path], overwrite: bool) -> Path:
    """The path, if something may be written there. Raises UsageError."""
    folder = output.parent
    if not folder.is_dir():
        raise UsageError(
            "the folder to write into does not exist" if not folder.exists() else "is not a folder",
            str(folder),
            "an existing folder",
            "Make it first, or name another output.",
        )
    if not os.access(folder, os.W_OK):
        raise UsageError(
            "may not be written into: permission denied", str(folder), next_step="Choose another folder."
        )
    if output.exists():
        if any(path.exists() and output.samefile(path) for path in inputs):
            raise UsageError(
                "is input and output at once",
                str(output),
                "an output that is not among the inputs",
                "Name another output; the last word is the output.",
            )
        if not overwrite:
            raise UsageError(
                "exists already",
                str(output),
                "a name that is free",
                "Name another output, or add --overwrite to replace it.",
            )
    return output


def columns(words: str, container: str) -> tuple[str, ...]:
    """ "001,100a,650a" as a tuple. Raises UsageError for empty or misshapen names, and where the
    container has no columns."""
    if not words:
        return ()
    names = tuple(name.strip() for name in words.split(","))
    expected = "tags, or tags with subfield codes, e.g. --columns 001,100a,245ab"
    if container != "parquet":
        raise UsageError(
            f"columns make sense in a table only, and the output is {container}",
            "--columns",
            "an output that ends in .parquet",
            "Leave --columns out, or write Parquet.",
        )
    for name in names:
        if not _COLUMN.fullmatch(name):
            raise UsageError(
                f"`{name}` is no column" if name else "a column without a name", "--columns", expected
            )
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise UsageError(f"`{twice}` is named twice", "--columns", expected)
    return names


def query(text: str) -> str:
    """A query, if it may be one. Raises UsageError for nothing, and for a file in its place."""
    if not text.strip():
        raise UsageError("the query is empty", "transformer sql", 'such as "select count(*) from record"')
    if Path(text).suffix and " " not in text:
        raise UsageError(
            f"`{text}` looks like a file, not like a query",
            "transformer sql",
            "first the query, in quotes, then the files",
            f'transformer sql "select count(*) from record" {text}',
        )
    return text


def answer_place(output: Path | None, inputs: Sequence[Path], overwrite: bool) -> Path | None:
    """Where the answer to a query is written, if it may be. Raises UsageError."""
    if output is None:
        return None
    if output.suffix.lower() not in ANSWER_SUFFIXES:
        raise UsageError(
            f"the suffix `{output.suffix}` does not say what to write",
            str(output),
            f"a name that ends in one of {', '.join(ANSWER_SUFFIXES)}",
        )
    return output_place(output, inputs, overwrite)


def byte_size(word: str | None) -> int | None:
    """ "2GB", "500 MiB" as bytes. Raises UsageError."""
    if word is None:
        return None
    found = _SIZE.fullmatch(word.strip())
    if found is None:
        raise UsageError(f"`{word}` is no size", "--memory", "a number and a unit, e.g. 500MB, 2GB or 2GiB")
    unit = found[2].upper()
    base = 1024 if "I" in unit else 1000
    return int(float(found[1]) * base ** (1 + "KMGT".index(unit[0])))


def encoding(word: str) -> str:
    """The word, if it names an encoding. Raises UsageError with all names."""
    try:
        wish_of(word)
    except UsageError as error:
        raise UsageError(error.what, "--encoding", error.expected, error.next_step) from None
    return word


def split_long(asked: bool, container: str) -> bool:
    """As asked. Raises UsageError where the output is not ISO 2709."""
    if asked and container != "iso2709":
        raise UsageError(
            "only ISO 2709 has records that are too long for it",
            "--split-long",
            "an output that ends in .mrc",
            f"Leave it out: {container} has no such limit.",
        )
    return asked


def library(folder: Path) -> Path:
    """The folder of a library's project, with its transformer.toml. Raises UsageError."""
    expected = f"a library's folder with a file {PROJECT_FILE} in it"
    if not folder.exists():
        near = _instead_of(folder)
        step = near if near.startswith("did") else f"Make it: transformer init SYSTEM {folder}"
        raise UsageError("no such folder", str(folder), expected, step)
    if not folder.is_dir():
        raise UsageError("is a file", str(folder), expected, "Name the folder that the file lies in.")
    if not (folder / PROJECT_FILE).is_file():
        raise UsageError(
            f"has no {PROJECT_FILE}", str(folder), expected, f"Make it: transformer init SYSTEM {folder}"
        )
    return folder


def folder(place: Path) -> Path:
    """A folder that is there. Raises UsageError."""
    if not place.is_dir():
        what = "is a file" if place.exists() else "no such folder"
        raise UsageError(what, str(place), "a library's folder, or a folder with rules", _instead_of(place))
    return place


def run_place(place: Path) -> Path:
    """A finished run's folder, or a library that has one. Raises UsageError."""
    expected = "a run's folder, or a library's folder in which `transformer run` has been run"
    if not place.exists():
        raise UsageError("no such folder", str(place), expected, _instead_of(place))
    if not ((place / "manifest.json").is_file() or (place / "runs" / "latest").is_file()):
        raise UsageError("holds no finished run", str(place), expected, f"transformer run {place}")
    return place


def run_name(name: str | None, folder: Path) -> str | None:
    """The name of a run, if it may be a folder's name everywhere and is free. Raises UsageError."""
    if name is None:
        return None
    if not _RUN_NAME.fullmatch(name) or _DEVICES.fullmatch(name) or name == "latest" or name[-1] == ".":
        raise UsageError(
            f"`{name}` cannot name a run",
            "--run",
            "letters, digits, dot, dash and underscore, at most 64; not `latest`",
            "Choose another name, or leave --run out to get the next number.",
        )
    if (folder / "runs" / name).exists():
        raise UsageError(
            f"there is a run called `{name}` already",
            str(folder / "runs" / name),
            "a name that is free, since a run is never written over",
            "Choose another name, or leave --run out to get the next number.",
        )
    return name


def resuming(folder: Path) -> str:
    """How to go on with a library's run that was cut off; empty where none had begun."""
    begun = any((folder / "runs").glob("*/work"))
    return f"To go on where it stopped: transformer run {folder} --resume" if begun else ""


def day(word: str | None) -> datetime.date | None:
    """An ISO date, e.g. 2026-01-31. Raises UsageError."""
    if word is None:
        return None
    try:
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", word):
            raise ValueError(word)
        return datetime.date.fromisoformat(word)
    except ValueError:
        raise UsageError(f"`{word}` is no date", "--as-of", "year-month-day, e.g. 2026-01-31") from None


def new_folder(folder: Path) -> Path:
    """The path, if a folder may be made or filled there. Raises UsageError."""
    if folder.exists() and not folder.is_dir():
        raise UsageError("is a file", str(folder), "a folder, or a name that is free", "Name another folder.")
    if (folder / PROJECT_FILE).exists():
        raise UsageError(
            f"has a {PROJECT_FILE} already",
            str(folder),
            "a new or empty folder",
            f"Name another folder, or use this one: transformer run {folder}",
        )
    return folder
