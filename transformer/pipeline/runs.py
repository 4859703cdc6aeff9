"""The run folder: LIB/runs/NAME with `out/ set-aside/ reports/ tables/ rules/ log/ work/ manifest.json`.

Names are 0001, 0002 ... or given with --run; a run is never written over another. `LIB/runs/latest` is a
small text file with the name of the newest finished run (a text file, since links need special rights on
Windows). A run is unfinished as long as its work folder has a log of parts: that is removed when the
manifest is written and `latest` names the run. Patron rows that are set aside lie in `set-aside/patron/`,
readable by their owner only, as is `work/`.
"""

from __future__ import annotations

import os
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from transformer.errors import MachineError, UsageError

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
LOG: Final = "work/parts.jsonl"
BEGUN: Final = ".begun-"
"""Before the name of a run's folder while it is being made."""
FOLDERS: Final = ("out", "set-aside", "reports", "tables", "rules", "log", "work")


@dataclass(frozen=True, slots=True)
class RunFolder:
    """Where a run writes. path: LIB/runs/NAME."""

    path: Path

    @property
    def name(self) -> str:
        """The run's name."""
        return self.path.name

    def folder(self, name: str) -> Path:
        """A folder of the run (made if missing); `set-aside/patron` gets narrow rights."""
        folder = self.path / name
        folder.mkdir(parents=True, exist_ok=True)
        if name == "set-aside/patron":
            folder.chmod(0o700)
        return folder


def runs_of(library: Path) -> Path:
    """LIB/runs, made if missing."""
    runs = library / "runs"
    try:
        runs.mkdir(exist_ok=True)
    except OSError as error:
        raise MachineError(
            f"cannot be made: {error.strerror}", str(runs), next_step="Check the folder's permissions."
        ) from None
    return runs


def new_run(library: Path, name: str | None) -> RunFolder:
    """A fresh run folder. Raises UsageError for a name that exists or that no file system likes."""
    runs = runs_of(library)
    if name is None:
        taken = [int(p.name) for p in runs.iterdir() if re.fullmatch(r"\d{4,}", p.name)]
        name = f"{max(taken, default=0) + 1:04d}"
    if not NAME.fullmatch(name) or name == "latest":
        raise UsageError(f"{name!r} is no name for a run", "--run", "letters, digits, dot, dash, underscore")
    path = runs / name
    if path.exists():
        raise UsageError(
            f"a run called {name!r} is there already", str(runs), next_step="Choose another name with --run."
        )
    try:
        _make_whole(path)
    except OSError as error:
        raise MachineError(f"cannot be made: {error.strerror}", str(path)) from None
    return RunFolder(path)


def _make_whole(path: Path) -> None:
    """Make a run's folders under another name first: with its own name it is there whole or not at all.

    A run that was killed between two of its folders was neither there to go on with nor its name free."""
    begun = path.with_name(BEGUN + path.name)
    begun.mkdir()
    for folder in FOLDERS:
        # What lies in work/ is of people too.
        (begun / folder).mkdir(mode=0o700 if folder == "work" else 0o777)
    begun.rename(path)


def point_latest(run: RunFolder) -> None:
    """Make LIB/runs/latest name this run; the old pointer stays whole until the new one is in place."""
    pointer = run.path.parent / "latest"
    fresh = pointer.with_name(f".latest-{os.getpid()}")
    fresh.write_text(run.name + "\n", encoding="utf-8")
    fresh.replace(pointer)


def find_run(place: Path) -> RunFolder:
    """The run that a path means: a run folder itself, or a library's latest run."""
    if (place / "manifest.json").is_file():
        return RunFolder(place)
    pointer = place / "runs" / "latest"
    if pointer.is_file():
        return RunFolder(place / "runs" / pointer.read_text(encoding="utf-8").strip())
    raise UsageError(
        "holds no finished run", str(place), "a run folder, or a library folder in which `run` has been run"
    )


def clear_work(run: RunFolder) -> None:
    """Remove the work folder of a finished run, the log of its parts first: from then on it is finished."""
    (run.path / LOG).unlink(missing_ok=True)
    shutil.rmtree(run.path / "work", ignore_errors=True)


def unfinished_run(library: Path, name: str | None) -> RunFolder | None:
    """The newest run that was cut off, or the one of that name; None if there is none, or it is finished."""
    found = []
    for path in [library / "runs" / name] if name else (library / "runs").glob("[!.]*"):
        log = path / LOG
        if (path / "work").is_dir() and (log.is_file() or not (path / "manifest.json").is_file()):
            found.append(((log if log.is_file() else path).stat().st_mtime_ns, path.name, path))
    return RunFolder(max(found)[2]) if found else None


def sweep(runs: Path) -> None:
    """Remove what runs that were killed left behind: unpacked extracts, folders and pointers that did not
    come to their names, and the rest of the work folders of finished ones. Only who holds the lock may."""
    for path in (*runs.glob(".unpacked-*"), *runs.glob(BEGUN + "*")):
        shutil.rmtree(path, ignore_errors=True)
    for path in runs.glob(".latest-*"):
        path.unlink(missing_ok=True)
    for path in runs.glob("*/work"):
        if (path.parent / "manifest.json").is_file() and not (path.parent / LOG).is_file():
            shutil.rmtree(path, ignore_errors=True)
