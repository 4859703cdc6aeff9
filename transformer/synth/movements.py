"""Loans and requests of one shard: rows about items that are out or on the hold shelf, and the dirt in them.

A loan's patron is one of the same shard whose row can be read. Rows of no item or patron, with broken fields,
or of the kind that a library does not move (returned, waiting, of another library) are planted beside.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from transformer.synth import calendar
from transformer.synth.draw import BOOL, I64, Draws, take
from transformer.synth.items import ItemColumns
from transformer.synth.lists import ListWriter
from transformer.synth.patrons import PatronColumns
from transformer.synth.shape import Shape

LOAN_DAYS = 56
ODD_NUMBER = 5_000_000
"""How far beyond the first number those lie that nothing has."""


@dataclass(frozen=True, slots=True)
class Movements:
    """Rows of one list and what becomes of them.

    lost: items whose row cannot be read. bad_date: items whose row has no possible date. counts: of the key.
    """

    text: bytes
    counts: dict[str, Any]
    lost: set[int] = field(default_factory=set)
    bad_date: set[int] = field(default_factory=set)


def loans(
    shape: Shape, draws: Draws, items: ItemColumns, people: PatronColumns, shard: int, dirt: float
) -> Movements:
    """The list of open loans."""
    at = np.flatnonzero(items.lent)
    kinds = _kinds(shape, draws, "loan", len(at), dirt)
    cells = _rows(shape, draws, "loan", items, people, at, shard)
    blank = shape.get("loan", "no_date", default="").encode()
    claimed = set(shape.get("loan", "claimed", default=[]))
    out = calendar.written(*_span(shape), items.out[at])
    due = calendar.written(*_span(shape), items.out[at] + LOAN_DAYS)
    late = shape.get("loan", "due_suffix", default="").encode()
    cells |= {
        "out": [day + shape.get("loan", "out_suffix", default="").encode() for day in out],
        "due": [day + late for day in due],
        "renewals": take((b"0", b"0", b"1", b"2"), draws.below("loan renewals", len(at), 4).tolist()),
        "claimed": [day if items.status[i].decode() in claimed else blank
                    for i, day in zip(at.tolist(), out, strict=True)],
        "returned": [b""] * len(at),
        "nothing": [blank] * len(at),
    }  # fmt: skip
    stand_ins = {
        code.encode(): user.encode() for code, user in shape.get("loan", "stand_in", default={}).items()
    }
    charged = 0
    for row, item in enumerate(at.tolist() if stand_ins else ()):
        if (user := stand_ins.get(items.status[item])) is not None:
            cells["patron"][row], cells["due"][row], kinds[row], charged = user, blank, "", charged + 1
    made = _finished(shape, draws, "loan", items, at, cells, kinds)
    made.counts["stand_ins"] = charged
    return made


def requests(
    shape: Shape, draws: Draws, items: ItemColumns, people: PatronColumns, shard: int, dirt: float
) -> Movements:
    """The list of requests: those on the hold shelf, and some that wait."""
    shelf = np.flatnonzero(items.shelf)
    kinds = _kinds(shape, draws, "request", len(shelf), dirt)
    cells = _rows(shape, draws, "request", items, people, shelf, shard)
    placed = calendar.written(*_span(shape), items.out[shelf])
    ready = shape.texts("request", "ready")
    cells |= {
        "status": [ready[i % len(ready)] for i in range(len(shelf))],
        "placed": placed,
        "waiting": placed,
        "priority": [b"0"] * len(shelf),
        "pickup": [shape.at("request", "pickup").encode()] * len(shelf),
    }
    return _finished(shape, draws, "request", items, shelf, cells, kinds)


def _span(shape: Shape) -> tuple[int, int, str]:
    return shape.at("date", "first"), shape.at("date", "last"), shape.at("date", "list")


def _kinds(shape: Shape, draws: Draws, what: str, n: int, dirt: float) -> list[str]:
    """For each row its dirt, or ""; kinds in turn."""
    known = shape.at("dirt", what)
    made, turn = [""] * n, int(draws.below(f"{what} first dirt", 1, len(known))[0])
    for at in np.flatnonzero(draws.chance(f"{what} dirt", n, dirt)).tolist():
        made[at], turn = known[turn % len(known)], turn + 1
    return made


def _rows(
    shape: Shape, draws: Draws, what: str, items: ItemColumns, people: PatronColumns, at: I64, shard: int
) -> dict[str, list[bytes]]:
    """Cells that both lists have."""
    n, form = len(at), shape.layout.list_form
    good = np.flatnonzero(people.dirt != people.broken)
    who = good[draws.below(f"{what} patron", n, len(good))] if n else good[:0]
    return {
        "number": [b"%d" % (1 + shard * 100_000 + k) for k in range(n)],
        "item": shape.number.listed("item", items.number[at], form),
        "item_barcode": take(items.barcode, at.tolist()),
        "patron": shape.number.listed("patron", people.number[who], form),
        "patron_barcode": take(people.cells["barcode"], who.tolist()),
        "library": [shape.get("loan", "library", default="").encode()] * n,
    }


def _finished(
    shape: Shape, draws: Draws, what: str, items: ItemColumns, at: I64, cells: dict[str, list[bytes]],
    kinds: list[str],
) -> Movements:  # fmt: skip
    """Dirt into the cells, rows beside, and the counts."""
    form, lost, bad_date = shape.layout.list_form, set(), set()
    bad = shape.texts("date", "bad")
    extra: list[dict[str, bytes]] = []
    odd = {
        kind: shape.number.first[kind] + ODD_NUMBER * 100 + np.arange(len(kinds) + 1)
        for kind in ("item", "patron")
    }
    unknown = {kind: shape.number.listed(kind, numbers, form) for kind, numbers in odd.items()}
    for row, kind in enumerate(kinds):
        if kind == "item-missing":
            extra.append(
                {name: values[row] for name, values in cells.items()} | {"item": unknown["item"][row]}
            )
        elif kind == "patron-missing":
            cells["patron"][row] = unknown["patron"][row]
        elif kind == "bad-date":
            cells["due"][row] = bad[row % len(bad)]
            bad_date.add(int(at[row]))
        elif kind == "field-count":
            lost.add(int(at[row]))
    left = shape.at(what, "left_out")
    share = draws.chance(f"{what} left out", len(items.bib), left["share"] if len(kinds) else 0.0)
    free = np.flatnonzero(share & ~items.lent & ~items.shelf & (items.dirt < 0)).tolist()
    for turn, item in enumerate(free):
        like = {name: values[turn % len(kinds)] for name, values in cells.items()}
        like["item"] = shape.number.listed("item", items.number[item : item + 1], form)[0]
        like["item_barcode"] = items.barcode[item]
        other = left["cells"][turn % len(left["cells"])]
        extra.append(like | {name: value.encode() for name, value in other.items()})
    cells = {name: column + [row[name] for row in extra] for name, column in cells.items()}
    wrong = [row for row, kind in enumerate(kinds) if kind == "field-count"]
    tally = Counter(kind for kind in kinds if kind)
    aside = {kind: tally[kind] for kind in ("item-missing", "field-count") if tally[kind]}
    counts = {
        "planted": len(kinds),
        "list_rows": len(kinds) + len(extra),
        "delivered": len(kinds) - len(wrong),
        "set_aside": aside | ({"left-out": len(free)} if free else {}),
        "no_patron": tally["patron-missing"],
        "dirt": {kind: tally[kind] for kind in shape.at("dirt", what)},
    }
    return Movements(ListWriter(shape, what).rows(cells, wrong), counts, lost, bad_date)


def known_loans(shape: Shape, items: ItemColumns, lost: set[int], listed: BOOL, embedded: BOOL) -> BOOL:
    """Which items are known to be out: by their own columns where the shape says so, or by a row that can be
    read. listed, embedded: items whose row, whose field is what comes out."""
    told = set(shape.get("loan", "told_by_item", default=[]))
    own = np.zeros(len(items.bib), np.bool_)
    own |= listed if "list" in told else False
    own |= embedded if "embedded" in told else False
    by_row = items.lent.copy()
    by_row[sorted(lost)] = False
    return items.lent & (own | by_row)
