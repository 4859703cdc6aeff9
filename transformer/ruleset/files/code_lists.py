"""Lists of codes that Alma knows: `lists/NAME.csv` in each rule folder; [list.NAME] says for which columns.

A file has the columns code, label and verified (`seen` or `no`: what base lists is partly remembered). Files
add to those of lower folders; with `replace = true` the highest folder's file is the list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from transformer.errors import Mistake
from transformer.ruleset.files.read import read_map
from transformer.ruleset.files.shapes import Shape
from transformer.ruleset.files.validate import nearest

HEADER = ("code", "label", "verified", "why")
SITE_RANK = 2
"""Place of the library's own folder: base, system, site."""


@dataclass(frozen=True)
class ListRules(Shape):
    """columns: delivered columns (`item.item_policy`) whose codes the list should have."""

    columns: tuple[str, ...]
    replace: bool = False
    why: str = ""


@dataclass(frozen=True, slots=True)
class CodeList:
    """The codes in the order of the files. own: the library gave a file of its own."""

    codes: tuple[str, ...]
    own: bool


def load_lists(
    folders: Sequence[Path], rules: Mapping[str, ListRules], short: Callable[[Path], str]
) -> tuple[dict[str, CodeList], list[str], list[Mistake]]:
    """Every list of the folders (lowest first) that some rule names, the files read, and the mistakes."""
    codes: dict[str, dict[str, None]] = {}
    own: set[str] = set()
    files: list[str] = []
    mistakes: list[Mistake] = []
    for rank, folder in enumerate(folders):
        for path in sorted((folder / "lists").glob("*.csv")):
            name, file = path.stem, short(path)
            if name not in rules:
                mistakes.append(Mistake(file, "", "no [list.x] names it", remedy=nearest(name, rules)))
                continue
            found, wrong = _codes(path, file)
            files.append(file)
            mistakes += wrong
            if rules[name].replace:
                codes[name] = {}
            codes.setdefault(name, {}).update(dict.fromkeys(found))
            if rank >= SITE_RANK:
                own.add(name)
    return {name: CodeList(tuple(found), name in own) for name, found in codes.items()}, files, mistakes


def _codes(path: Path, file: str) -> tuple[list[str], list[Mistake]]:
    header, lines, mistakes = read_map(path)
    mistakes = [Mistake(file, m.key, m.found, m.expected, m.remedy) for m in mistakes]
    for name in header:
        if name not in HEADER:
            mistakes.append(Mistake(file, name, "no such column", ", ".join(HEADER), nearest(name, HEADER)))
    if header and "code" not in header:
        mistakes.append(Mistake(file, "code", "the list has no such column", ", ".join(HEADER)))
        return [], mistakes
    codes: dict[str, int] = {}
    for line, cells in lines:
        code = cells[header.index("code")]
        if not code or code in codes:
            told = f"the same code as line {codes[code]}" if code else "a line without a code"
            mistakes.append(Mistake(file, f"line {line}", told, "each code once", "Remove the line."))
        codes.setdefault(code, line)
    return [code for code in codes if code], mistakes


def list_mistakes(
    rules: Mapping[str, ListRules], origin: Callable[..., str], known: Mapping[str, set[str]]
) -> list[Mistake]:
    """Columns of [list.x] that no delivery and no rule has. known: thing -> its columns."""
    found = []
    for name, one in rules.items():
        for text in one.columns:
            thing, _, column = text.partition(".")
            if thing not in known or column not in known[thing]:
                remedy = nearest(column, known.get(thing, set()))
                expected = "item.<column> or patron.<column>"
                found.append(
                    Mistake(origin("list", name), f"list.{name}.columns", repr(text), expected, remedy)
                )
    return found
