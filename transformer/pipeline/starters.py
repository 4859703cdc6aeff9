"""Starter maps: what a first run writes into the site's folder, so that nobody types codes by hand.

For every map that the site has no file for: LIB/rules/maps/NAME.csv with each code seen, its label where
one is known, its count in `row_count`, and the target columns, filled where a map below already knows
the code and empty where the site must decide. For a map whose rows are matched by label it is
NAME_label.csv: what a code means is the site's to say, what a label means is known. A file that is there
is never touched.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa

from transformer.ruleset.files.rules import MapShape, RuleSet


def write_starter_maps(
    library: Path, ruleset: RuleSet, tally: pa.Table, announce: Callable[[Mapping[str, str]], None]
) -> dict[str, Path]:
    """Write what is missing; returns map -> file written. tally: `Applied.code_tally`. announce: told, before
    any is written, the files below the library with the SHA-256 they will have."""
    seen: dict[str, list[dict[str, Any]]] = {}
    for row in tally.to_pylist():
        seen.setdefault(row["map"], []).append(row)
    written: dict[str, Path] = {}
    texts: dict[Path, bytes] = {}
    for asked, rows in seen.items():
        name = file_asked_for(asked, ruleset)
        shape = ruleset.rules.map.get(name)
        path = library / "rules" / "maps" / f"{name}.csv"
        if shape is None or path.exists():
            continue
        if all(row["mapped"] for row in rows):
            continue
        texts[path] = _text(name, shape, rows, ruleset).encode()
        written[name] = path
    announce({path.relative_to(library).as_posix(): sha256(text).hexdigest() for path, text in texts.items()})
    for path, text in texts.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.part")
        part.write_bytes(text)
        part.replace(path)
    return written


def file_asked_for(name: str, ruleset: RuleSet) -> str:
    """The map that the site fills: where a code is matched by its label, the map of the labels."""
    shape = ruleset.rules.map.get(name)
    return f"{name}_label" if shape is not None and shape.match else name


def _keys(shape: MapShape, rows: list[dict[str, Any]]) -> tuple[str, ...]:
    """The keys that a file gets: those that it must have, and the others where a code is told with them."""
    if any(" | " in (row["code"] or "") for row in rows):
        return shape.keys
    return tuple(key for key in shape.keys if key not in shape.optional)


def _text(name: str, shape: MapShape, rows: list[dict[str, Any]], ruleset: RuleSet) -> str:
    keys = _keys(shape, rows)
    labels = [] if shape.labels in shape.columns else [shape.labels]
    known = {tuple(row.values.get(k, "") for k in keys): row.values for row in ruleset.maps.get(name, ())}
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*keys, *labels, *shape.columns, "row_count"])
    for row in sorted(rows, key=lambda row: (-row["row_count"], row["code"] or "")):
        # Codes of several keys are told with a line between; a first one that may be blank is left out.
        code = (row["code"] or "").rsplit(" | ", len(keys) - 1) if len(keys) > 1 else [row["code"] or ""]
        code = [""] * (len(keys) - len(code)) + code
        values = known.get(tuple(code), {})
        label = values.get(shape.labels) or row["label"] or ""
        targets = [
            values.get(column) or (label if column == shape.labels else "") for column in shape.columns
        ]
        writer.writerow([*code, *([label] if labels else []), *targets, row["row_count"]])
    return out.getvalue()
