"""`init`, `demo` and `synth`: a library's folder to begin with, the sample library, and invented ones.

`init` writes transformer.toml and the folders `extracts/` and `rules/maps/`; nothing that is there is
touched. `demo` makes a sample library (invented books, invented people, realistic dirt; always the same)
with the site's maps filled in, and runs it.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

from transformer.engines.progress import Progress
from transformer.errors import MachineError, UsageError
from transformer.pipeline.results import RunResult
from transformer.ruleset.files.project import PROJECT_FILE
from transformer.ruleset.load import known_systems, rules_home

if TYPE_CHECKING:
    from transformer.synth.key import AnswerKey

DEMO_BIBS: Final = 3_000
DEMO_SEED: Final = 7
SHAPE_FILE: Final = "synth.toml"


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
        make_library(folder / "extracts", sample / SHAPE_FILE, bibs=DEMO_BIBS, seed=DEMO_SEED)
    return run(folder, progress=progress)


def synth(
    folder: Path,
    system: str,
    bibs: int,
    seed: int,
    *,
    dirt: float,
    layout: str | None,
    processes: int | None,
    progress: Progress,
) -> AnswerKey:
    """Write the extracts of an invented library in the shape of a system into `folder`, and their answer key.

    layout: one of the shape's; None = the first. UsageError for a system without a shape.
    """
    from transformer.synth import layouts, make_library

    shape = rules_home() / system / SHAPE_FILE
    if not shape.is_file():
        known = [name for name in known_systems() if (rules_home() / name / SHAPE_FILE).is_file()]
        raise UsageError(
            f"no invented library of a system {system!r} can be made",
            "transformer synth",
            f"one of {', '.join(known)}",
        )
    progress.say(f"Making a library of {bibs:,} bibs in {folder} ...")
    chosen = layout or layouts(shape)[0]
    return make_library(folder, shape, bibs=bibs, seed=seed, dirt=dirt, layout=chosen, processes=processes)


def _sample() -> Path:
    """The first system that comes with a sample site (its project file and maps)."""
    home = rules_home()
    for system in known_systems():
        if (home / system / "sample" / PROJECT_FILE).is_file():
            return home / system
    raise MachineError("the sample library is missing from this installation", str(home))
