"""What stands for one target of the rules: which file decides, what it replaced, and the SQL it becomes.

Targets are `item.barcode`, `patron.last_name`, `bib.edit.former-number`, `holdings.edit.ID`,
`patron_note.row.ID`, `map.location`, `extract.bib` and every other table of the rules.
"""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from transformer.ruleset.compile.program import Program
from transformer.ruleset.files.merge import name_of
from transformer.ruleset.files.rules import CHILDREN, THINGS, RuleSet
from transformer.ruleset.where import KeyPath, RuleFiles

_LISTS: Final = (("bib", "edit"), ("holdings", "edit"), *((child, "row") for child in CHILDREN))
_TABLES: Final = ("extract", "map", "number", "number_shape", "dates", "child", "delivery")
_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")

Documents = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Said:
    """What one file says of a target. place: file and line. text: its keys, as the file has them."""

    place: str
    text: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """wins: the file that decides. replaced: what lower files say, highest first; `merged` where their other
    keys still hold. rows: of a map, file and how many of its rows stand. sql: name of a statement or column,
    and its text."""

    name: str
    wins: Said
    replaced: tuple[Said, ...] = ()
    merged: bool = False
    rows: tuple[tuple[str, int], ...] = ()
    sql: tuple[tuple[str, str], ...] = ()


def targets(ruleset: RuleSet) -> list[str]:
    """The names of all targets, in the order of the rules."""
    rules = ruleset.rules
    found = [f"{thing}.{column}" for thing in THINGS for column in getattr(rules, thing)]
    for section, key in _LISTS:
        entries = getattr(getattr(rules, section), key, ()) if getattr(rules, section) is not None else ()
        found += [f"{section}.{key}.{entry.id}" for entry in entries]
    found += [f"{section}.{name}" for section in _TABLES for name in getattr(rules, section)]
    return found


def target_of(
    name: str, ruleset: RuleSet, files: RuleFiles, documents: Documents, program: Program | None = None
) -> Target:
    """One target. documents: file -> what it says, lowest first. program: for the SQL; None = without."""
    path, entry = _path(name)
    said = list(_said(path, entry, files, documents))
    wins = said[-1] if said else Said(ruleset.origin(*path), ())
    return Target(
        name,
        wins,
        tuple(said[-2::-1]) if len(said) > 1 else (),
        merged=len(said) > 1 and not _made_anew(path, documents),
        rows=_rows(ruleset, path),
        sql=tuple(_sql(ruleset, path, entry, program)) if program is not None else (),
    )


def _path(name: str) -> tuple[KeyPath, str]:
    """Path of the table or list, and the name of the entry of a list."""
    parts = name.split(".")
    if len(parts) > 2 and tuple(parts[:2]) in _LISTS:
        return (parts[0], parts[1]), ".".join(parts[2:])
    return tuple(parts), ""


def _said(path: KeyPath, entry: str, files: RuleFiles, documents: Documents) -> Iterator[Said]:
    for file, document in documents.items():
        here: Any = document
        for part in path:
            here = here.get(part) if isinstance(here, Mapping) else None
        if entry and isinstance(here, list):
            here = next((one for one in here if isinstance(one, dict) and name_of(one) == entry), None)
        if here is not None:
            yield Said(str(files.place(file, path, entry)), tuple(_lines(here)))


def _lines(value: Any) -> Iterator[str]:
    """Keys and values, one a line."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield f"{key} = {_short(inner)}"
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from (f"{number + 1}: {line}" for line in _lines(inner))
    else:
        yield _short(value)


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 200 else f"{text[:200]} ..."


def _made_anew(path: KeyPath, documents: Documents) -> bool:
    """Whether the last file replaces the column as a whole."""
    last: Any = None
    for document in documents.values():
        here: Any = document
        for part in path:
            here = here.get(part) if isinstance(here, Mapping) else None
        last = here if here is not None else last
    making = ("from", "value", "text", "sql")
    return path[0] in THINGS and (isinstance(last, list) or any(verb in (last or ()) for verb in making))


def _rows(ruleset: RuleSet, path: KeyPath) -> tuple[tuple[str, int], ...]:
    if path[0] != "map" or len(path) != 2:
        return ()
    count: dict[str, int] = {}
    for row in ruleset.maps.get(path[1], ()):
        count[row.file] = count.get(row.file, 0) + 1
    return tuple(count.items())


def _sql(ruleset: RuleSet, path: KeyPath, entry: str, program: Program) -> Iterator[tuple[str, str]]:
    if path[0] in THINGS and len(path) == 2:
        for columns in program.things:
            if columns.thing == path[0] and path[1] in columns.rules:
                cases = [columns.case(path[1], rule) for rule in columns.rules[path[1]]]
                yield path[1], cases[0] if len(cases) == 1 else "coalesce(\n  " + ",\n  ".join(cases) + "\n)"
                wanted = {rule.map for rule in columns.rules[path[1]]}
                maps = {use.table for use in columns.uses.values() if use.map in wanted}
                yield from ((f"table {s.name}", s.sql) for s in program.statements if s.name in maps)
    elif not entry and path[0] in ("map", "extract") and len(path) == 2:
        mark = re.compile(rf"(?:\w*_map_{path[1]}(?:_\d+)?|{path[1]}_(?:row|record|embedded|field|same))")
        for statement in program.statements:
            named = {word for word in _WORD.findall(statement.body) if mark.fullmatch(word)}
            if (path[0] == "map" and mark.fullmatch(statement.name)) or (path[0] == "extract" and named):
                yield f"{statement.kind} {statement.name}", statement.sql


def edit_sql(with_it: Program, without: Program) -> Iterator[tuple[str, str]]:
    """The lines of SQL that are there for one edit's sake: those that a program without it lacks."""
    others = [(s.name, s.sql) for s in without.statements]
    for statement in with_it.statements:
        if (statement.name, statement.sql) in others:
            continue
        before = [sql for name, sql in others if name == statement.name]
        old = "\n".join(before).split("\n")
        new = statement.sql.split("\n")
        lines = [line[2:] for line in difflib.ndiff(old, new) if line.startswith("+ ")]
        if lines:
            yield f"{statement.kind} {statement.name}", "\n".join(lines)


def without_edit(ruleset: RuleSet, section: str, entry: str) -> RuleSet:
    """The rules without one edit."""
    rules = ruleset.rules
    part = getattr(rules, section)
    edits = tuple(edit for edit in part.edit if edit.id != entry)
    changed: dict[str, Any] = {section: dataclasses.replace(part, edit=edits)}
    return dataclasses.replace(ruleset, rules=dataclasses.replace(rules, **changed))
