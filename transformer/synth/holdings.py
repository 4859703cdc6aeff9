"""Holdings of one shard, where the system has them: rows of a list, or MARC records behind their bib.

Serials have them, by `[holdings] share`; each stands at one of the places of its bib's items. Which record or
row goes with which items is told in `answers`.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from transformer.synth.bibs import BibColumns
from transformer.synth.draw import I64, Draws, take
from transformer.synth.items import ItemColumns, bib_locations
from transformer.synth.lists import ListWriter
from transformer.synth.pools import singles
from transformer.synth.records import record
from transformer.synth.shape import FT, Shape, parse_template

_SUMMARIES = (b"v.1(1950)-v.20(1969)", b"v.3-12 (1961-1970)", b"1998-2004", b"no.1-40 <incomplete>")
_LEADER, _LEVEL = b"y  a22", b"1n "


@dataclass(frozen=True, slots=True)
class Holdings:
    """bib: index in the shard of each. location: its code. dirt: "" or what is wrong. text: of the list.
    records: bytes to be put behind the bib's own, one entry a bib."""

    bib: list[int]
    location: list[str]
    dirt: list[str]
    text: bytes
    records: list[bytes]

    def counts(self) -> dict[str, Any]:
        """Planted and set aside, for the key."""
        aside = Counter(kind for kind in self.dirt if kind)
        return {"planted": len(self.bib), "set_aside": dict(aside)}


def build(
    shape: Shape, draws: Draws, bibs: BibColumns, items: ItemColumns, shard: int, dirt: float
) -> Holdings:
    """The holdings of a shard; none where the shape has no `[holdings]`."""
    n = len(bibs.index)
    if "holdings" not in shape.tree:
        return Holdings([], [], [], b"", [b""] * n)
    serial = np.asarray([kind["items"] == "serial" for kind in shape.at("bib", "kind")])[bibs.kind]
    has = serial & (bibs.damage < 0) & draws.chance("holdings", n, shape.share("holdings", "share"))
    at = np.flatnonzero(has)
    known = {code.encode() for code in shape.at("expected", "location")}
    places = bib_locations(shape, items, n)
    location = [next((code for code in places[bib] if code in known), places[bib][0]) for bib in at.tolist()]
    location = [code if code in known else shape.texts("item", "location", "codes")[0] for code in location]
    kinds = shape.at("dirt", "holdings")
    wrong = draws.chance("holdings dirt", len(at), dirt if kinds else 0.0).tolist()
    first = int(draws.below("holdings first dirt", 1, max(1, len(kinds)))[0])
    soiled = [kinds[(first + turn) % len(kinds)] if yes else "" for turn, yes in enumerate(wrong)]
    numbers = shape.number.first["holdings"] + shard * 10_000 + np.arange(len(at))
    cells = _cells(shape, draws, bibs, at, numbers, location, soiled)
    marc = shape.get("holdings", "fields", default=[])
    if not marc:
        text = ListWriter(shape, "holdings").rows(cells)
        return Holdings(at.tolist(), [c.decode() for c in location], soiled, text, [b""] * n)
    return Holdings(
        at.tolist(), [c.decode() for c in location], soiled, b"", _records(shape, cells, at, n, marc)
    )


def _cells(
    shape: Shape, draws: Draws, bibs: BibColumns, at: I64, numbers: I64, location: list[bytes],
    soiled: list[str],
) -> dict[str, list[bytes]]:  # fmt: skip
    count, form = len(at), shape.layout.list_form
    missing = shape.number.first["bib"] + 900_000_000 + np.arange(count)
    orphan = np.asarray([kind == "bib-missing" for kind in soiled], np.bool_)
    unmapped = shape.texts("dirt", "location")
    said = [
        unmapped[k % len(unmapped)] if kind == "location-unmapped" else code
        for k, (code, kind) in enumerate(zip(location, soiled, strict=True))
    ]
    return {
        "number": shape.number.listed("holdings", numbers, form),
        "bib_number": shape.number.listed("bib", np.where(orphan, missing, bibs.number[at]), form),
        "summary": take(_SUMMARIES, draws.below("summary", count, len(_SUMMARIES)).tolist()),
        "note": take((b"", b"Current year at desk"), draws.below("h note", count, 2).tolist()),
        "internal_note": take((b"", b"", b"Gift <invented>"), draws.below("h internal", count, 3).tolist()),
        "identity": take((b"", b"Latest issues"), draws.below("h identity", count, 2).tolist()),
        "call_number": [b""] * count,
    } | shape.parts("location", said)


def _records(shape: Shape, cells: dict[str, list[bytes]], at: I64, n: int, fields: list[str]) -> list[bytes]:
    """MARC records behind their bibs: 001 is the bib's, as the system writes it."""
    columns = [singles(b"001", [number + FT for number in cells["bib_number"]])]
    fixed = b"0101010u    8   4001uu   0010101" + FT
    columns.append(singles(b"008", [fixed] * len(at)))
    for text in fields:
        template = parse_template(text, shape.path, "holdings.fields")
        columns.append(singles(template.tag, template.render(cells, len(at))))
    made = [b""] * n
    for bib, groups in zip(at.tolist(), zip(*columns, strict=True), strict=True):
        made[bib] = record(list(groups), _LEADER, _LEVEL)
    return made
