"""Patrons of one shard: people nobody is, at addresses that are nowhere, with mail at example.org."""

from __future__ import annotations

import datetime
import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np

from transformer.synth import calendar
from transformer.synth import words as w
from transformer.synth.draw import BOOL, I64, Draws, take
from transformer.synth.lists import ListWriter
from transformer.synth.shape import Shape

_ADDRESS = ("street", "city", "state", "zip")
_NOTES = (b"Invented person, for tests", b"Card replaced, see desk")


@dataclass(frozen=True, slots=True, eq=False)
class PatronColumns:
    """Values of the patrons of a shard, one entry a patron. dirt: index into the kinds of dirt, or -1;
    broken: that of a row that cannot be read, -2 where there is none."""

    number: I64
    dirt: I64
    broken: int
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
        "barcode": [b"%d" % (29_999_000_000_001 + s) for s in serial],
        "second_barcode": _only([b"%d" % (28_888_000_000_001 + s) for s in serial], share["second_barcode"]),
        "name": [f"{last}, {first} {initial}".encode() for last, first, initial in people],
        "surname": [last.encode() for last, _, _ in people],
        "forename": [first.encode() for _, first, _ in people],
        "initial": [initial.encode() for _, _, initial in people],
        "patron_type": take(types.written, draws.pick("p type", n, types.shares).tolist()),
        "code1": [b"-"] * n,
        "code2": take((b"-", b"a", b"z"), draws.below("p code2", n, 3).tolist()),
        "code3": [b"%d" % c for c in draws.below("p code3", n, 30).tolist()],
        "home_library": [shape.at("patron", "home_library").encode()] * n,
        "block": take(blocks.written, draws.pick("p block", n, blocks.shares).tolist()),
        "address": _addresses(draws, "p address", n),
        "address2": _only(_addresses(draws, "p address2", n), share["second_address"]),
        "phone": _only([b"555-01%02d" % (s % 100) for s in serial], share["phone"]),
        "phone2": _only([b"555-01%02d" % ((s * 7 + 1) % 100) for s in serial], share["second_phone"]),
        "email": _only([b"testperson%d@example.org" % s for s in serial], share["email"]),
        "email2": _only(
            [b"tp%d@mail.example.org" % s for s in serial], share["email"] & share["second_email"]
        ),
        "university_id": [b"TEST%08d" % s for s in serial],
        "pmessage": [b"-"] * n,
        "notes": _only(take(_NOTES, [s % 2 for s in serial]), share["note"]),
        "owed": take((b"$0.00", b"$0.00", b"$0.00", b"$2.50"), draws.below("p owed", n, 4).tolist()),
        "checkouts": [b"%d" % c for c in draws.below("p checkouts", n, 400).tolist()],
    }  # fmt: skip
    for at in np.flatnonzero(kind >= 0).tolist():
        _harm(shape, harm[int(kind[at])], cells, at)
    writer = ListWriter(shape, "patron")
    cells["barcodes"] = writer.repeated(cells["barcode"], cells["second_barcode"])
    cells["emails"] = [
        one + b"," + two if two else one for one, two in zip(cells["email"], cells["email2"], strict=True)
    ]
    for name in ("address", "address2"):
        cells |= _taken_apart(name, cells[name])
    stopped = set(shape.texts("patron", "stopped"))
    cells["stopped"] = [code if code in stopped else b"" for code in cells["block"]]
    broken = harm.index("field-count") if "field-count" in harm else -2
    return PatronColumns(number, kind, broken, share["expired"], cells)


def _taken_apart(name: str, values: list[bytes]) -> dict[str, list[bytes]]:
    """An address in columns: street, city, state, postal code, and city and state together."""
    apart = {
        value: re.split(rb"[$]|, (?=ZZ )|(?<=, ZZ) ", value) if value else [b""] * 4 for value in set(values)
    }
    rows = [apart[value] for value in values]
    made = {f"{name}_{part}": [row[at] for row in rows] for at, part in enumerate(_ADDRESS)}
    both = [row[1] + b", " + row[2] if row[1] else b"" for row in rows]
    return made | {f"{name}_city_state": both}


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


def _dates(shape: Shape, draws: Draws, share: dict[str, BOOL], n: int) -> dict[str, list[bytes]]:
    first, last = shape.at("date", "first"), shape.at("date", "last")
    form, blank = shape.at("date", "list"), shape.at("date", "blank").encode()
    today = calendar.day_number(first, shape.as_of)
    days = calendar.table(first, last + 6, form)
    past = today - draws.below("p expired", n, 2000)
    ahead = today + 1 + draws.below("p expiry", n, 1500)
    created = today - 1 - draws.below("p created", n, 5000)
    updated = created + (draws.unit("p updated", n) * (today - created)).astype(np.int64)
    first_days = calendar.table(1945, 2005, form)
    years = (draws.below("p birth", n, 60) + 1945).tolist()
    new_year = [(datetime.date(1945 + at, 1, 1) - datetime.date(1945, 1, 1)).days for at in range(60)]
    birth = [
        first_days[new_year[year - 1945]] if yes else blank
        for year, yes in zip(years, share["birth"].tolist(), strict=True)
    ]
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
        cells["barcode"][at] = cells["second_barcode"][at] = b""
    elif kind == "type-unknown":
        codes = shape.texts("dirt", "patron_type")
        cells["patron_type"][at] = codes[at % len(codes)]
    elif kind == "duplicate-id":
        # The identifier of the one before, in small letters: identifiers do not tell case.
        cells["university_id"][at] = cells["university_id"][at - 1].lower()


def tally(shape: Shape, patrons: PatronColumns) -> dict[str, Any]:
    """Counts of one shard for the answer key; `delivered` leaves out rows with a wrong field count."""
    kinds, cells = list(shape.at("dirt", "patron")), patrons.cells
    wrong = patrons.dirt == patrons.broken
    kept = [not w_ for w_ in wrong.tolist()]

    def filled(names: list[str]) -> int:
        return sum(bool(v) for name in names for v, keep in zip(cells[name], kept, strict=True) if keep)

    return {
        "planted": len(wrong),
        "delivered": sum(kept),
        "set_aside": {"field-count": int(wrong.sum())},
        "expired_delivered": int((patrons.expired & ~wrong).sum()),
        "delivered_by_type": dict(
            Counter(t.decode() for t, k in zip(cells["patron_type"], kept, strict=True) if k)
        ),
        "delivered_values": {
            name: filled(names) for name, names in shape.at("expected", "patron_values").items()
        },
        "dirt": {kind: int((patrons.dirt == k).sum()) for k, kind in enumerate(kinds)},
    }


def rows(shape: Shape, patrons: PatronColumns, at: list[int]) -> list[dict[str, Any]]:
    """Full expected rows of these patrons: invented people all."""
    kinds, groups = list(shape.at("dirt", "patron")), shape.at("expected", "patron_type")
    identifiers = shape.at("expected", "primary_id")
    made = []
    for row in at:
        cell = {name: values[row].decode() for name, values in patrons.cells.items()}
        dirt = kinds[int(patrons.dirt[row])] if patrons.dirt[row] >= 0 else ""
        made.append({
            "number": str(patrons.number[row]),
            "outcome": "set-aside" if dirt == "field-count" else "delivered",
            "dirt": dirt,
            "name": cell["name"],
            "number_written": shape.number.listed(
                "patron", patrons.number[row : row + 1], "check")[0].decode(),
            "primary_id": next((cell[name] for name in identifiers if cell[name]), ""),
            "barcodes": [cell[name] for name in ("barcode", "second_barcode") if cell[name]],
            "university_id": cell["university_id"],
            "patron_type": cell["patron_type"],
            "expired": bool(patrons.expired[row]),
            "emails": [cell[name] for name in ("email", "email2") if cell[name]],
            "addresses": [cell[name].split("$") for name in ("address", "address2") if cell[name]],
            "phones": [cell[name] for name in ("phone", "phone2") if cell[name]],
            "expected_user_group": groups.get(cell["patron_type"], ""),
        })  # fmt: skip
    return made
