"""`init` and `demo`: a library's folder to begin with, and the sample library.

`init` writes transformer.toml and the folders `extracts/` and `rules/maps/`; nothing that is there is
touched. `demo` makes a sample library (invented books, invented people, realistic dirt; always the same)
with the site's maps filled in, and runs it.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from transformer.engines.progress import Progress
from transformer.errors import MachineError, UsageError
from transformer.pipeline.results import RunResult
from transformer.ruleset.load import known_systems, rules_home
from transformer.ruleset.project import PROJECT_FILE

DEMO_BIBS: Final = 3_000
DEMO_SEED: Final = 7


def init(system: str, folder: Path) -> tuple[Path, ...]:
    """Make a library's folder for a source system; the files and folders written, in order.

    Raises UsageError for a system that no rules exist for, or where a project file is there already.
    """
    systems = known_systems()
    if system not in systems:
        from difflib import get_close_matches

        near = get_close_matches(system, systems, 1)
        raise UsageError(
            f"there are no rules for a system {system!r}",
            "transformer init",
            f"one of {', '.join(systems)}",
            f"Did you mean {near[0]}?" if near else "",
        )
    project = folder / PROJECT_FILE
    if project.exists():
        raise UsageError(
            "is there already", str(project), "a new folder", "Choose another folder, or work with this one."
        )
    text = (rules_home() / "_template" / PROJECT_FILE).read_text(encoding="utf-8")
    try:
        for name in ("extracts", "rules/maps"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        project.write_text(
            text.replace("{system}", system).replace("{site}", folder.resolve().name), encoding="utf-8"
        )
    except OSError as error:
        raise MachineError(
            f"cannot be written: {error.strerror}", str(folder), next_step="Check the folder's permissions."
        ) from None
    return project, folder / "extracts", folder / "rules" / "maps"


def demo(folder: Path, progress: Progress) -> RunResult:
    """Make the sample library in `folder` if it is not there yet, and run it."""
    from transformer.pipeline.run import run
    from transformer.synth import make_library

    sample = _sample()
    if not (folder / PROJECT_FILE).exists():
        progress.say(f"Making the sample library in {folder} ({DEMO_BIBS:,} bibs) ...")
        shutil.copytree(sample / "sample", folder, dirs_exist_ok=True)
        make_library(folder / "extracts", sample / "synth.toml", bibs=DEMO_BIBS, seed=DEMO_SEED)
    return run(folder, progress=progress)


def _sample() -> Path:
    """The first system that comes with a sample site (its project file and maps)."""
    home = rules_home()
    for system in known_systems():
        if (home / system / "sample" / PROJECT_FILE).is_file():
            return home / system
    raise MachineError("the sample library is missing from this installation", str(home))
