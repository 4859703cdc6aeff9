"""`rules show` and `rules check`: the rules of a library, or of a folder of rules, as they stand."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transformer.errors import Mistake, RulesError, UsageError
from transformer.ruleset.files.project import PROJECT_FILE, Project, load_project
from transformer.ruleset.files.read import read_toml
from transformer.ruleset.files.rules import RuleSet
from transformer.ruleset.load import load_rules, rule_folders, rules_home, try_load
from transformer.ruleset.show import Target, edit_sql, target_of, targets, without_edit
from transformer.ruleset.where import RuleFiles


@dataclass(frozen=True, slots=True)
class Checked:
    """mistakes: what must be mended. hints: what is probably meant otherwise. folders: what was looked at."""

    mistakes: tuple[Mistake, ...]
    hints: tuple[Mistake, ...]
    folders: tuple[str, ...]


def check_rules(place: Path) -> Checked:
    """All mistakes of a library or a folder of rules, each with its line, and hints."""
    from transformer.ruleset.check.hints import hints
    from transformer.ruleset.trial import check

    try:
        folders, project = _folders(place)
    except RulesError as error:
        return Checked(error.mistakes, (), (str(place),))
    files = RuleFiles(folders)
    mistakes = [_with_line(files, mistake) for mistake in check(folders, project)]
    ruleset, _ = try_load(folders)
    said = hints(ruleset, folders) if ruleset is not None else []
    return Checked(
        tuple(mistakes), tuple(_with_line(files, one) for one in said), tuple(str(f) for f in folders)
    )


def show_rules(place: Path, name: str = "") -> list[Target]:
    """One target with its SQL, or all without it.

    Raises UsageError for a name that is none, with the nearest, and RulesError where rules have mistakes.
    """
    from transformer.ruleset.files.validate import nearest

    folders, project = _folders(place)
    ruleset = load_rules(folders, project.system)
    files = RuleFiles(folders)
    documents = _documents(folders)
    known = targets(ruleset)
    if not name:
        return [target_of(one, ruleset, files, documents) for one in known]
    if name not in known:
        inside = [one for one in known if one.startswith(f"{name}.")]
        if not inside:
            raise UsageError(
                f"the rules have no {name!r}", str(place), "item.barcode, bib.edit.ID, map.location ...",
                nearest(name, known) or "Show all: transformer rules show LIB",
            )  # fmt: skip
        return [target_of(one, ruleset, files, documents) for one in inside]
    program = _program(ruleset, project)
    target = target_of(name, ruleset, files, documents, program)
    section, _, entry = name.partition(".edit.")
    if entry and section in ("bib", "holdings"):
        other = _program(without_edit(ruleset, section, entry), project)
        target = dataclasses.replace(target, sql=tuple(edit_sql(program, other)))
    return [target]


def _program(ruleset: RuleSet, project: Project) -> Any:
    from transformer.ruleset.compile.program import compile_rules
    from transformer.ruleset.compile.staging import staged_columns
    from transformer.ruleset.plan import stage_plan

    day = project.as_of or datetime.date.today()
    return compile_rules(ruleset, project, day, staged_columns(stage_plan(ruleset, project)))


def _folders(place: Path) -> tuple[tuple[Path, ...], Project]:
    """The rule folders, lowest first: of a library, of a system's folder, of a site's folder alone."""
    if (place / PROJECT_FILE).is_file():
        project = load_project(place)
        return rule_folders(project.system, place), project
    if (place.resolve().parent / PROJECT_FILE).is_file():
        return _folders(place.resolve().parent)
    home = rules_home()
    if place.resolve() == (home / "base").resolve():
        return (home / "base",), Project("")
    if not (any(place.glob("*.toml")) or (place / "maps").is_dir()):
        raise UsageError(
            "holds no rules", str(place), f"a library's folder with {PROJECT_FILE}, or a folder with rules"
        )
    return (home / "base", place), Project(place.resolve().name)


def _documents(folders: Sequence[Path]) -> dict[str, dict[str, Any]]:
    from transformer.ruleset.load import PRIVATE, short_name

    return {
        short_name(path): read_toml(path)
        for folder in folders
        for path in sorted(folder.glob("*.toml"))
        if path.name not in PRIVATE
    }


def _with_line(files: RuleFiles, mistake: Mistake) -> Mistake:
    """The mistake with the line of its key behind the file's name, where it is found."""
    if not mistake.file.endswith(".toml") or not mistake.key:
        return mistake
    section, blank, rest = mistake.key.partition(" ")
    entry = rest.split(".")[0] if blank else ""
    parts = tuple(section.split("."))
    if parts[0].startswith("patron_") and entry and len(parts) == 1:
        parts = (parts[0], "row")
    place = files.place(mistake.file, parts, entry)
    return dataclasses.replace(mistake, file=str(place))
