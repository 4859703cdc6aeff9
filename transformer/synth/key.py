"""The answer key: what was planted in a synthetic library, and so what should come out of it.

Counts come from the planting itself, expected codes from the hand-written `[expected]` table of the shape
file, never from rules or maps. Kept as `answer-key.json` beside the extracts.

counts["bib"]: planted, delivered, set_aside and repaired (by damage), suppress (code -> bibs delivered),
suppressed (if the codes named in `expected` suppress), 880, local_note_fields.
counts["item"]: planted = embedded + listed - both and so on; embedded_fields (in bibs that can be read),
list_rows; unread (only in damaged bibs); delivered, set_aside by reason; delivered_from embedded, list or
both; delivered_by location, status and type; conflict by column; no_bib_number.
counts["patron"]: planted, delivered, set_aside, delivered_by_type, delivered_values, expired_delivered.
counts["holdings"]: planted, set_aside, delivered (those made from items included), made.
counts["loan"], counts["request"]: planted, list_rows, delivered (rows that find their item), set_aside,
no_patron.
counts["issue"]: "kind code column" -> of how many things it should be told. No date of arrival is asked of an
item on order, so an impossible one is told of the others alone.
counts["dirt"]: kind -> how often it was planted, for bib, item and patron.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class AnswerKey:
    """What was planted. bib_rows, item_rows, patron_rows: full expected rows, 200 and more of each where the
    library is that large; their number_written has letter and check digit where the system knows them, even
    if the lists leave them out. files: name -> bytes, sha256. settings: how the library was made. expected:
    the table of expected codes."""

    settings: dict[str, Any]
    files: dict[str, dict[str, Any]]
    counts: dict[str, Any]
    expected: dict[str, Any]
    bib_rows: list[dict[str, Any]]
    item_rows: list[dict[str, Any]]
    patron_rows: list[dict[str, Any]]

    def write(self, path: Path) -> None:
        """Writes the key as JSON, keys sorted: the same key gives the same bytes."""
        names = ("settings", "files", "counts", "expected", "bib_rows", "item_rows", "patron_rows")
        tree = {name: getattr(self, name) for name in names}
        path.write_bytes(orjson.dumps(tree, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n")

    @staticmethod
    def read(path: Path) -> AnswerKey:
        """The key that `write` wrote."""
        return AnswerKey(**orjson.loads(path.read_bytes()))


def add(total: dict[str, Any], part: Mapping[str, Any]) -> None:
    """Adds the counts of one shard to the total, in place: numbers add up, lists follow each other."""
    for name, value in part.items():
        if isinstance(value, Mapping):
            add(total.setdefault(name, {}), value)
        elif name in total:
            total[name] = total[name] + value
        else:
            total[name] = value
