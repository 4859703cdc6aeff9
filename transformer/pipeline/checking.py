"""`check`: every mistake in a library's project file, rules and maps, without reading an extract."""

from __future__ import annotations

from pathlib import Path

from transformer.errors import Mistake, RulesError
from transformer.ruleset.files.project import load_project
from transformer.ruleset.load import rule_folders


def check(library: Path) -> tuple[Mistake, ...]:
    """Mistakes of shape and meaning, and of a trial bind against empty tables; empty when there is none."""
    from transformer.ruleset import trial

    try:
        project = load_project(library)
        folders = rule_folders(project.system, library)
    except RulesError as error:
        return error.mistakes
    return tuple(trial.check(folders, project))
