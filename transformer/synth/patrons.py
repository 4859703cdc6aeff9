"""Patrons of one shard: people nobody is, at addresses that are nowhere, with mail at example.org."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from transformer.synth import calendar
from transformer.synth import words as w
from transformer.synth.draw import BOOL, I64, Draws, take
from transformer.synth.lists import ListWriter
from transformer.synth.shape import Shape

_NOTES = (b"Invented person, for tests", b"Card replaced, see desk")


@dataclass(frozen=True, slots=True, eq=False)
class PatronColumns:
    """Values of the patrons of a shard, one entry a patron. dirt: index into the kinds of dirt, or -1."""

    number: I64
    dirt: I64
    expired: BOOL
    cells: dict[str, list[bytes]]


def columns(shape: Shape, draws: Draws, index: I64, dirt: float) -> PatronColumns:
    """The patrons with these indexes in the library."""
    n = len(index)
    share = {
        name: draws.chance(f"p {name}", n, shape.share("patron", "share", name))
        for name in shape.at("patron", "share")
    }
    number = shape.number.first["patron"] + index
    people = _people(draws, n)
    cells = _dates(shape, draws, share, n)
    types, blocks = shape.codes("patron", "patron_type"), shape.codes("patron", "block")
    kind, harm = _dirty(shape, draws, n, dirt)
    serial = index.tolist()
    cells |= {
        "number": shape.number.listed("patron", number, shape.layout.list_form),
        "barcodes": [b"%d" % (29_999_000_000_001 + s) for s in serial],
        "more_barcodes": _only([b"%d" % (28_888_000_000_001 + s) for s in serial], share["second_barcode"]),
        "name": [f"{last}, {first} {initial}".encode() for last, first, initial in people],
        "patron_type": take(types.written, draws.pick("p type", n, types.shares).tolist()),
        "code1": [b"-"] * n,
        "code2": take((b"-", b"a", b"z"), draws.below("p code2", n, 3).tolist()),
        "code3": [b"%d" % c for c in draws.below("p code3", n, 30).tolist()],
        "home_library": [shape.at("item", "location", "codes")[0].ljust(5).encode()] * n,
        "block": take(blocks.written, draws.pick("p block", n, blocks.shares).tolist()),
        "address": _addresses(draws, "p address", n),
        "address2": _only(_addresses(draws, "p address2", n), share["second_address"]),
        "phone": _only([b"555-01%02d" % (s % 100) for s in serial], share["phone"]),
        "phone2": _only([b"555-01%02d" % (s * 7 % 100) for s in serial], share["second_phone"]),
        "emails": _emails(serial, share["email"], share["second_email"]),
        "university_id": [b"TEST%08d" % s for s in serial],
        "pmessage": [b"-"] * n,
        "notes": _only(take(_NOTES, [s % 2 for s in serial]), share["note"]),
        "owed": take((b"$0.00", b"$0.00", b"$0.00", b"$2.50"), draws.below("p owed", n, 4).tolist()),
        "checkouts": [b"%d" % c for c in draws.below("p checkouts", n, 400).tolist()],
    }  # fmt: skip
    for at in np.flatnonzero(kind >= 0).tolist():
        _harm(shape, harm[int(kind[at])], cells, at)
    writer = ListWriter(shape, "patron")
    cells["barcodes"] = writer.repeated(cells["barcodes"], cells.pop("more_barcodes"))
    return PatronColumns(number, kind, share["expired"], cells)


def _people(draws: Draws, n: int) -> list[tuple[str, str, str]]:
    last = take(w.SURNAMES, draws.below("p surname", n, len(w.SURNAMES)).tolist())
    first = take(w.FORENAMES, draws.below("p forename", n, len(w.FORENAMES)).tolist())
    initials = [f"{chr(65 + at)}." for at in draws.below("p initial", n, 26).tolist()]
    return list(zip(last, first, initials, strict=True))


def _only(values: list[bytes], chosen: BOOL) -> list[bytes]:
    return [value if yes else b"" for value, yes in zip(values, chosen.tolist(), strict=True)]


def _addresses(draws: Draws, name: str, n: int) -> list[bytes]:
    """`12 Nowhere Lane$Exampleton, ZZ 00012`: lines are parted by a dollar sign."""
    numbers = (draws.below(f"{name} number", n, 180) + 1).tolist()
    at = draws.below(name, n, len(w.STREETS) * len(w.PLACES)).tolist()
    pairs = [(street, place) for street in w.STREETS for place in w.PLACES]
    return [
        f"{no} {pairs[p][0]}${pairs[p][1]}, ZZ {no:05d}".encode() for no, p in zip(numbers, at, strict=True)
    ]


def _emails(serial: list[int], one: BOOL, two: BOOL) -> list[bytes]:
    """One address, or two parted by a comma, or none."""
    made = []
    for s, has_one, has_two in zip(serial, one.tolist(), two.tolist(), strict=True):
        text = b"testperson%d@example.org" % s if has_one else b""
        made.append(text + b",tp%d@mail.example.org" % s if has_one and has_two else text)
    return made


def _dates(shape: Shape, draws: Draws, share: dict[str, BOOL], n: int) -> dict[str, list[bytes]]:
    first, last = shape.at("date", "first"), shape.at("date", "last")
    form, blank = shape.at("date", "list"), shape.at("date", "blank").encode()
    today = calendar.day_number(first, shape.as_of)
    days = calendar.table(first, last + 6, form)
    past = today - draws.below("p expired", n, 2000)
    ahead = today + 1 + draws.below("p expiry", n, 1500)
    created = today - 1 - draws.below("p created", n, 5000)
    updated = created + (draws.unit("p updated", n) * (today - created)).astype(np.int64)
    birth = [b"01-01-%d" % year if yes else blank for year, yes in zip(
        (draws.below("p birth", n, 60) + 1945).tolist(), share["birth"].tolist(), strict=True)]  # fmt: skip
    return {
        "expiry": take(days, np.where(share["expired"], past, ahead).tolist()),
        "created": take(days, created.tolist()),
        "updated": take(days, updated.tolist()),
        "birth": birth,
    }


def _dirty(shape: Shape, draws: Draws, n: int, dirt: float) -> tuple[I64, list[str]]:
    """For each patron the index of its dirt or -1, and the kinds; never two dirty ones in a row."""
    kinds = list(shape.at("dirt", "patron"))
    kind = np.full(n, -1, np.int64)
    start, before = int(draws.below("p first dirt", 1, len(kinds))[0]), -2
    turn = 0
    for at in np.flatnonzero(draws.chance("p dirt", n, dirt)).tolist():
        if at > before + 1 and at > 0:
            kind[at] = (start + turn) % len(kinds)
            turn, before = turn + 1, at
    return kind, kinds


def _harm(shape: Shape, kind: str, cells: dict[str, list[bytes]], at: int) -> None:
    if kind == "no-barcode":
        cells["barcodes"][at] = cells["more_barcodes"][at] = b""
    elif kind == "type-unknown":
        codes = shape.texts("dirt", "patron_type")
        cells["patron_type"][at] = codes[at % len(codes)]
    elif kind == "duplicate-id":
        # The identifier of the one before, in small letters: identifiers do not tell case.
        cells["university_id"][at] = cells["university_id"][at - 1].lower()


def tally(shape: Shape, patrons: PatronColumns) -> dict[str, Any]:
    """Counts of one shard for the answer key; `delivered` leaves out rows with a wrong field count."""
    kinds = list(shape.at("dirt", "patron"))
    wrong = patrons.dirt == (kinds.index("field-count") if "field-count" in kinds else -2)
    kept = [not w_ for w_ in wrong.tolist()]
    cells = patrons.cells

    def filled(name: str, parts: bytes = b"") -> int:
        values = [v for v, keep in zip(cells[name], kept, strict=True) if keep and v]
        return len(values) + (sum(v.count(parts) for v in values) if parts else 0)

    return {
        "planted": len(wrong),
        "delivered": sum(kept),
        "set_aside": {"field-count": int(wrong.sum())},
        "expired_delivered": int((patrons.expired & ~wrong).sum()),
        "delivered_by_type": dict(
            Counter(t.decode() for t, k in zip(cells["patron_type"], kept, strict=True) if k)
        ),
        "delivered_values": {
            "barcode": filled("barcodes", b'";"'),
            "university_id": filled("university_id"),
            "address": filled("address") + filled("address2"),
            "phone": filled("phone") + filled("phone2"),
            "email": filled("emails", b","),
            "note": filled("notes"),
        },
        "dirt": {kind: int((patrons.dirt == k).sum()) for k, kind in enumerate(kinds)},
    }


def rows(shape: Shape, patrons: PatronColumns, at: list[int]) -> list[dict[str, Any]]:
    """Full expected rows of these patrons: invented people all."""
    kinds, groups = list(shape.at("dirt", "patron")), shape.at("expected", "patron_type")
    made = []
    for row in at:
        cell = {name: values[row].decode() for name, values in patrons.cells.items()}
        dirt = kinds[int(patrons.dirt[row])] if patrons.dirt[row] >= 0 else ""
        made.append({
            "number": str(patrons.number[row]),
            "outcome": "set-aside" if dirt == "field-count" else "delivered",
            "dirt": dirt,
            "name": cell["name"],
            "barcodes": [b for b in cell["barcodes"].split('";"') if b],
            "university_id": cell["university_id"],
            "patron_type": cell["patron_type"],
            "expired": bool(patrons.expired[row]),
            "emails": [e for e in cell["emails"].split(",") if e],
            "addresses": [cell[name].split("$") for name in ("address", "address2") if cell[name]],
            "phones": [cell[name] for name in ("phone", "phone2") if cell[name]],
            "expected_user_group": groups.get(cell["patron_type"], ""),
        })  # fmt: skip
    return made
