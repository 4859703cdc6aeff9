"""Maps: CSV files of codes, merged row by row on their key columns.

`maps/<name>.csv` in each folder, lower ones first; `[map.<name>]` in a TOML file says keys and columns. A
row of a higher folder replaces the row with the same keys; with `replace = true` a higher folder's file
replaces the whole map.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from transformer.errors import Mistake
from transformer.ruleset.files.read import read_map
from transformer.ruleset.files.rules import MapRow, MapShape
from transformer.ruleset.files.validate import nearest

ALWAYS_ALLOWED = ("label", "name", "also_called", "match", "after_go_live", "needs", "row_count", "why")
"""Columns that a map may have beside its own: words for people and the count of a starter map."""


def load_maps(
    folders: Sequence[Path], shapes: Mapping[str, MapShape], short: Callable[[Path], str]
) -> tuple[dict[str, tuple[MapRow, ...]], list[str], list[Mistake]]:
    """Every map's rows (base first), the files read, and the mistakes."""
    rows: dict[str, dict[tuple[str, ...], MapRow]] = {name: {} for name in shapes}
    files: list[str] = []
    mistakes: list[Mistake] = []
    for rank, folder in enumerate(folders):
        for path in sorted((folder / "maps").glob("*.csv")):
            shape = shapes.get(path.stem)
            if shape is None:
                mistakes.append(
                    Mistake(short(path), "", "no rule uses this map", remedy=nearest(path.stem, shapes))
                )
                continue
            files.append(short(path))
            if shape.replace:
                rows[path.stem].clear()
            found, wrong = _rows(path, short(path), shape, rank)
            mistakes += wrong
            for row in found:
                rows[path.stem][tuple(row.values.get(key, "") for key in shape.keys)] = row
    return {name: tuple(table.values()) for name, table in rows.items()}, files, mistakes


def _rows(path: Path, file: str, shape: MapShape, rank: int) -> tuple[list[MapRow], list[Mistake]]:
    header, lines, mistakes = read_map(path)
    mistakes = [Mistake(file, m.key, m.found, m.expected, m.remedy) for m in mistakes]
    known = {*shape.keys, *shape.columns, shape.labels, *ALWAYS_ALLOWED}
    for name in header:
        if name not in known:
            own = [*shape.keys, *shape.columns]
            mistakes.append(Mistake(file, name, "no such column", f"{', '.join(own)}", nearest(name, known)))
    for name in (*shape.keys, *shape.columns):
        if (
            header
            and name not in header
            and name not in shape.optional
            and (name in shape.keys or name in (shape.must or shape.columns[:1]))
        ):
            mistakes.append(
                Mistake(
                    file, name, "the map has no such column", f"{','.join((*shape.keys, *shape.columns))}"
                )
            )
    rows: list[MapRow] = []
    seen: dict[tuple[str, ...], int] = {}
    for line, cells in lines:
        values = dict(zip(header, cells, strict=True))
        key = tuple(values.get(name, "") for name in shape.keys)
        if key in seen:
            told = f"the same {', '.join(shape.keys)} as line {seen[key]}: {' | '.join(key)}"
            mistakes.append(Mistake(file, f"line {line}", told, "each key once", "Remove one of the two."))
        seen[key] = line
        rows.append(MapRow(values, file, line, rank))
    return rows, mistakes
