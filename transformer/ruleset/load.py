"""Rule folders -> one merged, shape-checked `RuleSet`.

`rule_folders(system, site)` finds the three folders; `load_rules` reads every *.toml (in name order) and
maps/*.csv of each, lower ones first. All mistakes are collected; RulesError tells them together.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from transformer.errors import Mistake, RulesError
from transformer.ruleset.check.safety import too_long
from transformer.ruleset.files.code_lists import list_mistakes, load_lists
from transformer.ruleset.files.enumeration_rules import GIVEN
from transformer.ruleset.files.maps import load_maps
from transformer.ruleset.files.marc_facts import KINDS, known_formats, load_facts
from transformer.ruleset.files.merge import merge, name_of
from transformer.ruleset.files.read import read_toml
from transformer.ruleset.files.rules import CHILDREN, THINGS, ColumnRule, Rules, RuleSet
from transformer.ruleset.files.validate import build, build_rest, nearest
from transformer.schema.marc_facts import MarcFacts

PRIVATE = ("synth.toml", "transformer.toml")
"""Files of a system's folder that are no rules: for the maker of extracts, for a library to begin with."""


def rules_home() -> Path:
    """The folder that holds base/ and one folder a system: in the wheel, or beside the source."""
    here = Path(__file__).resolve()
    packed = here.parents[1] / "_rules"
    return packed if packed.is_dir() else here.parents[2] / "rules"


def known_systems() -> tuple[str, ...]:
    """Names of the source systems there are rules for."""
    home = rules_home()
    return tuple(
        sorted(
            p.name for p in home.iterdir() if p.is_dir() and p.name != "base" and not p.name.startswith("_")
        )
    )


def rule_folders(system: str, site: Path | None = None) -> tuple[Path, ...]:
    """base, the system's folder, and `site`/rules if it is there. RulesError for a system nobody knows."""
    home = rules_home()
    if not (home / system / "system.toml").is_file():
        names = known_systems()
        raise RulesError(
            (
                Mistake(
                    "transformer.toml",
                    "system",
                    repr(system),
                    f"one of {', '.join(names)}",
                    nearest(system, names),
                ),
            )
        )
    folders = [home / "base", home / system]
    if site is not None and (site / "rules").is_dir():
        folders.append(site / "rules")
    return tuple(folders)


def load_rules(folders: Sequence[Path], system: str = "") -> RuleSet:
    """The merged rules of `folders`, lowest first. Raises RulesError with every mistake of shape or meaning.

    Not the trial run of the compiled SQL, which takes seconds: `check` does that.
    """
    from transformer.ruleset.check.meaning import meaning
    from transformer.ruleset.files.project import Project

    ruleset, mistakes = try_load(folders, system)
    if ruleset is not None and not mistakes:
        mistakes = meaning(ruleset, Project(system))
    if mistakes or ruleset is None:
        raise RulesError(tuple(mistakes))
    return ruleset


def try_load(folders: Sequence[Path], system: str = "") -> tuple[RuleSet | None, list[Mistake]]:
    """Like `load_rules`, but hands back the mistakes. What has the wrong shape is left out of the rules, so
    that the rest can be asked about; they are None where a file below could not be read at all.
    """
    merged: dict[str, Any] = {}
    origins: dict[tuple[str, ...], str] = {}
    files: list[str] = []
    mistakes: list[Mistake] = []
    unread = False
    for rank, folder in enumerate(folders):
        for path in sorted(folder.glob("*.toml")):
            if path.name in PRIVATE:
                continue
            try:
                document = read_toml(path)
            except RulesError as error:
                mistakes += error.mistakes
                unread = unread or rank < len(folders) - 1
                continue
            mistakes += too_long(document, short_name(path))
            files.append(short_name(path))
            merged = merge(merged, document, short_name(path), origins)

    def place(path: tuple[str, ...]) -> str:
        for length in range(len(path), 0, -1):
            if path[:length] in origins:
                return origins[path[:length]]
        return files[-1] if files else str(folders[-1])

    rules, found = build(Rules, _normal(merged), files[-1] if files else "", place)
    mistakes += [_readable(mistake, merged) for mistake in found]
    if rules is None and not unread:
        rules = build_rest(Rules, _normal(merged))
    if rules is None or unread:
        maps_only, _ = build(Rules, {"map": merged.get("map", {})}, "")
        if maps_only is not None:
            mistakes += load_maps(folders, maps_only.map, short_name)[2]
        return None, mistakes
    rules = _with_sources(rules)
    maps, map_files, found = load_maps(folders, rules.map, short_name)
    mistakes += found
    lists, list_files, found = load_lists(folders, rules.list, short_name)
    mistakes += [*found, *_list_mistakes(rules, place)]
    name = system or (folders[-1].name if folders else "")
    words, formats = _vocabulary(rules, origins), _formats(folders, rules, origins, mistakes)
    read = (*files, *map_files, *list_files)
    return RuleSet(name, rules, maps, origins, read, words, formats, lists), mistakes


def _list_mistakes(rules: Rules, place: Callable[[tuple[str, ...]], str]) -> list[Mistake]:
    """What [list.x] names and neither a rule nor a delivery has."""
    known = {"item": {*rules.item}, "patron": {*rules.patron}}
    for delivery in rules.delivery.values():
        known["item"] |= {*delivery.item.columns}
        known["patron"] |= {*delivery.patron.columns}
    return list_mistakes(rules.list, lambda *path: place(path), known)


def _formats(
    folders: Sequence[Path], rules: Rules, origins: Mapping[tuple[str, ...], str], mistakes: list[Mistake]
) -> tuple[tuple[str, MarcFacts], ...]:
    """What [validation] asks for: kind of record and the facts of its format."""
    known, found = known_formats(folders), []
    for kind, name in rules.validation.items():
        file = origins.get(("validation", kind), "")
        if kind not in KINDS:
            mistakes.append(Mistake(file, "validation", repr(kind), ", ".join(KINDS), nearest(kind, KINDS)))
        elif name and name not in known:
            mistakes.append(
                Mistake(file, f"validation.{kind}", repr(name), ", ".join(known), nearest(name, known))
            )
        elif name:
            try:
                found.append((kind, load_facts(folders, name)))
            except RulesError as error:
                mistakes += error.mistakes
    return tuple(found)


def _vocabulary(rules: Rules, origins: Mapping[tuple[str, ...], str]) -> frozenset[str]:
    """Columns that rules of base name."""
    from transformer.ruleset.compile.columns import rule_names
    from transformer.ruleset.files.words import condition_names

    names: set[str] = set()
    for thing in THINGS:
        for column, cases in getattr(rules, thing).items():
            if origins.get((thing, column), "").startswith("base/"):
                names |= {name for case in cases for name in rule_names(case)}
    told = rules.item_status
    tests = {"open_loan": told.open_loan, "hold_shelf": told.hold_shelf}
    for key, texts in tests.items():
        if origins.get(("item_status", key), "").startswith("base/"):
            names |= {name for text in texts for name in condition_names(text)}
    for child in CHILDREN:
        for number, row in enumerate(getattr(rules, child).row):
            if origins.get((child, "row", str(number)), "").startswith("base/"):
                names |= set(row.names)
    return frozenset(name for name in names if "." not in name)


def _readable(mistake: Mistake, merged: dict[str, Any]) -> Mistake:
    """Keys as people say them: `item.barcode.from`, not `item.barcode.0.from`, since most columns have one
    rule; `bib.edit former-number`, not `bib.edit.1`."""
    parts = mistake.key.split(".")
    if len(parts) > 2 and parts[0] in THINGS and parts[2] == "0":
        parts.pop(2)
    here: Any = merged
    for place, part in enumerate(parts):
        if isinstance(here, list) and part.isdigit() and int(part) < len(here):
            here = here[int(part)]
            name = name_of(here) if isinstance(here, dict) else ""
            if name and place:
                parts[place - 1 : place + 1] = [f"{parts[place - 1]} {name}"]
                break
        else:
            here = here.get(part) if isinstance(here, dict) else None
    return dataclasses.replace(mistake, key=".".join(parts))


def short_name(path: Path) -> str:
    """`base/rules.toml`-like names for messages and reports: the last folder and the file.

    A run keeps its rules in folders `1-base`, `2-<system>`, `3-site`: their files are called as in the run.
    """
    parts = path.parts[-3:] if path.parent.name in ("maps", "lists") else path.parts[-2:]
    folder = {"3-site": "rules"}.get(parts[0], parts[0].removeprefix("1-").removeprefix("2-"))
    return "/".join((folder, *parts[1:]))


def _normal(values: dict[str, Any]) -> dict[str, Any]:
    """One way of writing for what files may write in two: `from` -> source, one -> a list of one."""
    result = dict(values)
    for thing in THINGS:
        if isinstance(result.get(thing), dict):
            result[thing] = {name: _cases(rule) for name, rule in result[thing].items()}
    for child in CHILDREN:
        if isinstance(result.get(child), dict) and isinstance(result[child].get("row"), list):
            result[child] = {**result[child], "row": [_profile(row) for row in result[child]["row"]]}
    for thing in ("bib", "holdings"):
        if isinstance(result.get(thing), dict) and isinstance(result[thing].get("edit"), list):
            result[thing] = {**result[thing], "edit": [_edit(edit) for edit in result[thing]["edit"]]}
    if isinstance(result.get("map"), dict):
        result["map"] = {name: _map(value) for name, value in result["map"].items()}
    if isinstance(result.get("enumeration"), dict):
        result["enumeration"] = _map(result["enumeration"])
    if isinstance(result.get("extract"), dict):
        result["extract"] = {name: _extract(value) for name, value in result["extract"].items()}
    return result


def _map(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return _listed({("source" if key == "from" else key): v for key, v in value.items()}, "source")


def _with_sources(rules: Rules) -> Rules:
    """Columns that name a map and no source look up what the map itself says."""

    def whole(rule: ColumnRule) -> ColumnRule:
        shape = rules.map.get(rule.map)
        if shape is None or rule.source or rule.value is not None or rule.text or rule.sql:
            return rule
        return dataclasses.replace(rule, source=shape.source)

    def columns(of: Mapping[str, tuple[ColumnRule, ...]]) -> dict[str, tuple[ColumnRule, ...]]:
        return {name: tuple(whole(rule) for rule in cases) for name, cases in of.items()}

    item, patron, row = columns(rules.item), columns(rules.patron), columns(rules.holdings_row)
    return dataclasses.replace(rules, item=item | _enumerated(rules), patron=patron, holdings_row=row)


def _enumerated(rules: Rules) -> dict[str, tuple[ColumnRule, ...]]:
    """Columns of items that come of the text of a volume and that no rule makes otherwise."""
    names = [name for name in GIVEN if name != "copy" and name not in rules.item]
    if not rules.enumeration.source:
        return {}
    return {name: (ColumnRule(source=(f"enumeration.{name}",)),) for name in names}


def _cases(rule: Any) -> Any:
    rules = rule if isinstance(rule, list) else [rule]
    return [
        _listed({("source" if k == "from" else k): v for k, v in r.items()}, "source")
        if isinstance(r, dict)
        else r
        for r in rules
    ]


def _edit(edit: Any) -> Any:
    """`from` and `with` of a verb's table as the shapes call them; one tag where a list may stand."""
    if not isinstance(edit, dict):
        return edit
    words = {"from": "source", "with": "to"}
    result = {
        verb: {words.get(key, key): value for key, value in said.items()}
        if isinstance(said, dict) and verb in ("copy", "move", "replace", "prefix")
        else said
        for verb, said in edit.items()
    }
    for verb in ("drop", "keep", "of", "sort", "deduplicate"):
        result = _listed(result, verb)
    return result


def _extract(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    result = _listed(_listed(value, "number"), "parent")
    profiles = result.get("profile")
    if isinstance(profiles, list):
        result["profile"] = [_profile(profile) for profile in profiles]
    return result


def _profile(value: Any) -> Any:
    if not isinstance(value, dict) or not isinstance(value.get("columns"), dict):
        return value
    columns = {name: [spec] if isinstance(spec, str) else spec for name, spec in value["columns"].items()}
    return {**value, "columns": columns}


def _listed(table: dict[str, Any], key: str) -> dict[str, Any]:
    value = table.get(key)
    return {**table, key: [value]} if isinstance(value, str) else table
