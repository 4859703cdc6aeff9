"""What the bytes of a run depend on, and whether a run that was cut off may go on.

`Inputs` and `facts_of` gather it: the extract files with size and SHA-256, the rule files, the versions of
the program and of what it computes with, the name and the day. A run goes on only where all of these are what
they were; else its first half would be of one kind and the second of another. Threads and memory may be
others: the bytes do not depend on them, and who ran out of memory may want to say so. So may the time of a
file: one that was copied again with the same bytes is the same.

A new run does not wait for the digests of its extracts (`Inputs`): its log begins when they are known, with
what was done meanwhile behind them. A run that goes on does: without them it does not know whether it may.
"""

from __future__ import annotations

import datetime
import hashlib
import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from transformer.errors import ExtractError, UsageError
from transformer.extracts.model import Source
from transformer.pipeline.parts import sha256_of
from transformer.pipeline.runs import LOG, RunFolder
from transformer.ruleset.files.project import PROJECT_FILE, Project

COMPUTES: Final = ("transformer", "duckdb", "numpy", "pyarrow")
"""Packages whose version the bytes may depend on."""
Input = tuple[str, str, int, str]
"""An extract file: extract, name, size, SHA-256."""


def rule_files(library: Path, project: Project) -> Iterator[tuple[str, Path]]:
    """(name, file) of every rule file of a run and of the project file, named as in the run's rules/."""
    from transformer.ruleset.load import rule_folders

    names = ("1-base", f"2-{project.system}", "3-site")
    for name, source in zip(names, rule_folders(project.system, library), strict=False):
        tables = [path for kind in ("maps", "marc", "lists") for path in source.glob(f"{kind}/*.csv")]
        for file in sorted([*source.glob("*.toml"), *tables]):
            yield f"{name}/{file.relative_to(source).as_posix()}", file
    yield PROJECT_FILE, library / PROJECT_FILE


class Inputs:
    """The extracts of a run as they were when it began: sizes and times now, and a digest of every file.

    The digests are worked out in a thread of their own, beside whatever else is done: 1.8 GB of extracts cost
    1.1 s of one core, in which nothing else was done before (1,000,000 bibs). For a `with` block, at whose
    end the thread is stopped.
    """

    def __init__(self, sources: Mapping[str, tuple[Source, ...]]) -> None:
        self._files = [(extract, source) for extract, held in sources.items() for source in held]
        self._as_of = [_stat(source.path) for _, source in self._files]
        self._stopped = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="digests")
        self._acted: Future[None] | None = None
        self._digests = self._thread.submit(self._digested)

    def __enter__(self) -> Inputs:
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped = True
        self._thread.shutdown()

    def when_known(self, act: Callable[[list[Input]], None]) -> None:
        """Call `act` with what `known` gives, when it is there, from the thread of the digests."""
        self._acted = self._thread.submit(lambda: act(self._known()))

    def known(self) -> list[Input]:
        """(extract, name, size, SHA-256) of each file; waits for it.

        Raises ExtractError where a file is not as it was at first, and whatever `act` raised.
        """
        if self._acted is not None:
            self._acted.result()
        return self._known()

    def _known(self) -> list[Input]:
        digests = self._digests.result()
        for (_, source), stat in zip(self._files, self._as_of, strict=True):
            if _stat(source.path) != stat:
                raise ExtractError(
                    "has changed while it was read",
                    str(source.path),
                    "a file that stays as it is while it is read",
                    "Wait until the export is complete, then start again.",
                )
        return [
            (extract, source.name, size, digest)
            for (extract, source), (size, _), digest in zip(self._files, self._as_of, digests, strict=True)
        ]

    def _digested(self) -> list[str]:
        digests = [sha256_of(source.path, lambda: self._stopped) for _, source in self._files]
        if self._stopped:
            raise CancelledError
        return digests


def _stat(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def facts_of(library: Path, project: Project, day: datetime.date) -> dict[str, Any]:
    """What the bytes of a run depend on beside its `Inputs`, as plain data."""
    return {
        "as_of": day.isoformat(),
        "rules": {name: sha256_of(file) for name, file in rule_files(library, project)},
        "versions": {name: version(name) for name in COMPUTES} | {"python": platform.python_version()},
        "program": _program(),
    }


def _program() -> str:
    """A digest of the program itself: between two versions it changes without a number."""
    digest = hashlib.sha256()
    home = Path(__file__).resolve().parents[1]
    for path in sorted([*home.rglob("*.py"), *home.rglob("*.sql")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def log_of(run: RunFolder) -> list[dict[str, Any]]:
    """The lines of a run's log of parts: what it depends on, then its parts; none where nothing was begun.

    A last line that was cut off is passed over, as is what a damaged disk made of another.
    """
    import orjson

    path = run.path / LOG
    lines: list[dict[str, Any]] = []
    for text in path.read_bytes().split(b"\n") if path.is_file() else ():
        try:
            line = orjson.loads(text)
        except orjson.JSONDecodeError:
            continue
        if isinstance(line, dict) and (lines or "run" in line):
            lines.append(line)
    return lines


def forget_starters(library: Path, lines: list[dict[str, Any]]) -> dict[Path, bytes]:
    """Remove the starter maps that the run itself wrote into the library's rules, unless somebody has filled
    them in since: they are written again at its end. Returns what was removed, for who cannot go on."""
    removed = {}
    for line in lines:
        for name, digest in line.get("starters", {}).items():
            path = library / name
            if path.is_file() and sha256_of(path) == digest:
                removed[path] = path.read_bytes()
                path.unlink()
    return removed


def refuse_if_changed(run: RunFolder, then: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """UsageError, naming everything that is not as it was when the run began."""
    changed = [*_inputs(then["inputs"], now["inputs"]), *_names("rule file", then["rules"], now["rules"])]
    changed += _names("version of", then["versions"], now["versions"])
    if not changed and then["program"] != now["program"]:
        changed.append("the program")
    if then["as_of"] != now["as_of"]:
        changed.append(f"the day taken for today ({then['as_of']}, now {now['as_of']})")
    if changed:
        raise UsageError(
            f"cannot go on, since this has changed: {'; '.join(changed)}",
            str(run.path),
            "everything as it was when the run began",
            "Put it back as it was, or run from the beginning, without --resume.",
        )


def _inputs(then: Sequence[Sequence[Any]], now: Sequence[Sequence[Any]]) -> Iterator[str]:
    before = {(row[0], row[1]): list(row[2:]) for row in then}
    after = {(row[0], row[1]): list(row[2:]) for row in now}
    for key in sorted({*before, *after}):
        if key not in after:
            yield f"{key[1]} is gone"
        elif key not in before:
            yield f"{key[1]} is new"
        elif before[key][0] != after[key][0]:
            yield f"{key[1]} had {before[key][0]:,} bytes and has {after[key][0]:,}"
        elif before[key] != after[key]:
            yield f"{key[1]} has other bytes"
    if not before.keys() ^ after.keys() and [*map(list, then)] != [*map(list, now)]:
        yield "the order of the extract files"


def _names(what: str, then: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    for name in sorted({*then, *now}):
        if then.get(name) != now.get(name):
            how = "" if name in then and name in now else " (new)" if name in now else " (gone)"
            yield f"{what} {name}{how}"
