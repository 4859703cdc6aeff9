"""Where a rule stands: file and line of a key in the rule folders.

TOML readers tell no lines, so the text is looked through: table headers and keys at the beginning of lines. A
key inside a table on one line, or inside a text of several lines that looks like a key, is told by the line
of what holds it. Where nothing fits, the file alone is known: line 0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from transformer.ruleset.files.rules import RuleSet
from transformer.ruleset.load import short_name

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = re.compile(
    r"\s*((?:[A-Za-z0-9_-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|\"[^\"]*\"))*)\s*=\s*(.*)$"
)
_PART = re.compile(r"\"([^\"]*)\"|'([^']*)'|([A-Za-z0-9_-]+)")
_NAMED = ("id", "name", "tag")

KeyPath = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A rule's file, as messages name it, and its line; 0 where only the file is known."""

    file: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class _Entry:
    """A header or key: where it stands, its path, the number of its table in a list, a text it is given."""

    line: int
    path: KeyPath
    nth: int
    value: str = ""


@dataclass(slots=True)
class RuleFiles:
    """The files of some rule folders, looked through when first asked."""

    folders: Sequence[Path]
    _paths: dict[str, Path] = field(default_factory=dict)
    _entries: dict[str, tuple[_Entry, ...]] = field(default_factory=dict)

    def path(self, file: str) -> Path | None:
        """The file on disk that messages call so."""
        if not self._paths:
            for folder in self.folders:
                for path in (*folder.glob("*.toml"), *folder.glob("maps/*.csv")):
                    self._paths[short_name(path)] = path
        return self._paths.get(file)

    def place(self, file: str, path: KeyPath, name: str = "") -> Place:
        """Where `path` begins in `file`: a table, a key, or, with `name`, the entry of a list called so."""
        found = self._of(file)
        tables = [entry for entry in found if entry.path == path]
        if name:
            named = [e for e in found if e.path[:-1] == path and e.path[-1] in _NAMED and e.value == name]
            numbers = {entry.nth for entry in named}
            tables = [entry for entry in tables if entry.nth in numbers] or named
        elif not tables:
            tables = [entry for entry in found if entry.path[: len(path)] == path]
            if not tables and len(path) > 1:
                return self.place(file, path[:-1])
        return Place(file, tables[0].line if tables else 0)

    def cases(self, file: str, path: KeyPath) -> list[Place]:
        """Where the tables of a list begin in `file`, in order."""
        return [Place(file, entry.line) for entry in self._of(file) if entry.path == path]

    def _of(self, file: str) -> tuple[_Entry, ...]:
        if file not in self._entries:
            path = self.path(file)
            text = path.read_text(encoding="utf-8") if path is not None else ""
            self._entries[file] = tuple(_entries(text))
        return self._entries[file]


def _entries(text: str) -> Iterator[_Entry]:
    table: KeyPath = ()
    counts: dict[KeyPath, int] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        header = _HEADER.match(line)
        if header:
            table = _parts(header[2])
            if header[1] == "[[":
                counts[table] = counts.get(table, -1) + 1
            yield _Entry(number, table, counts.get(table, 0))
            continue
        key = _KEY.match(line)
        if key:
            value = key[2].strip()
            said = value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'" else ""
            yield _Entry(number, (*table, *_parts(key[1])), counts.get(table, 0), said)


def _parts(text: str) -> KeyPath:
    return tuple("".join(found) for found in _PART.findall(text))


def column_places(files: RuleFiles, ruleset: RuleSet, thing: str, column: str) -> list[Place]:
    """Where each rule of a column stands, in order."""
    file = ruleset.origin(thing, column)
    cases = getattr(ruleset.rules, thing)[column]
    found = files.cases(file, (thing, column))
    if len(found) == len(cases):
        return found
    return [files.place(file, (thing, column))] * len(cases)


def edit_place(files: RuleFiles, ruleset: RuleSet, path: KeyPath, number: int, name: str) -> Place:
    """Where an entry of a list stands that has an id, a name or a tag."""
    return files.place(ruleset.origin(*path, str(number)), path, name)


def said_by(files: RuleFiles, path: KeyPath, documents: Mapping[str, Mapping[str, object]]) -> list[Place]:
    """Every file that says something of `path`, lowest first. documents: file -> what it says."""
    found = []
    for file, document in documents.items():
        here: object = document
        for part in path:
            here = here.get(part) if isinstance(here, Mapping) else None
        if here is not None:
            found.append(files.place(file, path))
    return found
