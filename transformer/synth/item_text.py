"""Items as text: the item fields inside the bibs, and the rows of the delimited list."""

from __future__ import annotations

import numpy as np

from transformer.synth import calendar
from transformer.synth import items as it
from transformer.synth.bibs import BibColumns
from transformer.synth.draw import BOOL, Draws, take
from transformer.synth.lists import ListWriter
from transformer.synth.movements import LOAN_DAYS
from transformer.synth.pools import Group
from transformer.synth.shape import Shape


def fields(shape: Shape, draws: Draws, items: it.ItemColumns, notes: BOOL) -> list[Group]:
    """The item fields of each bib, led by a note in a field of the same tag where `notes` says so."""
    template = shape.layout.item
    assert template is not None
    by_bib: list[list[bytes]] = [
        [template.indicators + b"\x1faLocal note, no item\x1e"] if has else [] for has in notes.tolist()
    ]
    made = template.render(_embedded(shape, draws, items), len(items.bib))
    shown = (items.source != it.LISTED).tolist()
    for bib, also, value, here in zip(items.bib.tolist(), items.also.tolist(), made, shown, strict=True):
        if here:
            by_bib[bib].append(value)
            if also >= 0:
                by_bib[also].append(value)
    groups = []
    for values in by_bib:
        lengths = tuple(map(len, values))
        groups.append((tuple([b"%s%04d" % (template.tag, k) for k in lengths]), lengths, b"".join(values)))
    return groups


def listed(shape: Shape, draws: Draws, bibs: BibColumns, items: it.ItemColumns) -> bytes:
    """The rows of the delimited item list, in the order of the bibs; no header."""
    kinds = list(shape.at("dirt", "item"))
    here = np.flatnonzero(items.source != it.EMBEDDED)
    broken = kinds.index("field-count") if "field-count" in kinds else -2
    wrong = np.flatnonzero(items.dirt[here] == broken).tolist()
    at = here.tolist()
    columns = {name: take(values, at) for name, values in _row_values(shape, draws, bibs, items).items()}
    return ListWriter(shape, "item").rows(columns, wrong)


def of_some(shape: Shape, items: it.ItemColumns, kept: BOOL) -> dict[str, bytes]:
    """The lists of items with a certain part of a status (`where`), of those that come out in the end."""
    made = {}
    parts = shape.parts("status", items.status)
    numbers = shape.number.listed("item", items.number, shape.layout.list_form)
    for name, table in shape.at("list").items():
        if not isinstance(table, dict) or "where" not in table:
            continue
        has = kept.copy()
        for part, value in table["where"].items():
            has &= np.fromiter((code == value.encode() for code in parts[part]), np.bool_, len(has))
        at = np.flatnonzero(has).tolist()
        cells = {word: [text.encode()] * len(at) for word, text in table["constant"].items()}
        made[name] = ListWriter(shape, name).rows(cells | {"number": take(numbers, at)})
    return made


def _created(shape: Shape, items: it.ItemColumns, form: str, bad: list[bytes]) -> list[bytes]:
    """Dates of creation in this format, some of them impossible."""
    written = calendar.written(shape.at("date", "first"), shape.at("date", "last"), form, items.created)
    kinds = shape.at("dirt", "item")
    if "bad-date" not in kinds:
        return written
    for at in np.flatnonzero(items.dirt == kinds.index("bad-date")).tolist():
        written[at] = bad[at % len(bad)]
    return written


def _due(shape: Shape, items: it.ItemColumns, form: str, blank: bytes) -> list[bytes]:
    """The day an item is due back, in this format."""
    days = calendar.table(shape.at("date", "first"), shape.at("date", "last"), form)
    pairs = zip(items.out.tolist(), items.lent.tolist(), strict=True)
    return [days[day + LOAN_DAYS] if lent else blank for day, lent in pairs]


def _shared(shape: Shape, draws: Draws, items: it.ItemColumns) -> dict[str, list[bytes]]:
    """Values that bib field and list say alike."""
    m, code2, prices = len(items.bib), shape.codes("item", "code2"), shape.texts("item", "prices")
    own, auto = shape.texts("item", "schemes")
    calls = [it.written_call(shape.layout.call_form, call) for call in items.call]
    return {
        "call_number": calls,
        "call_or_made": [
            call or b"XX(%d.1)" % n for call, n in zip(calls, items.number.tolist(), strict=True)
        ],
        "call_scheme": [own if call else auto for call in calls],
        "one": [b"1"] * m,
        "barcode": items.barcode,
        "note": items.note,
        "volume": items.volume,
        "copy": [b"1"] * m,
        "code2": take(code2.written, draws.pick("code2", m, code2.shares).tolist()),
        "price": take(prices, draws.below("price", m, len(prices)).tolist()),
        "imessage": [b"-"] * m,
        "opac": [b"-"] * m,
        "item_type": items.item_type,
        "checkouts": [b"%d" % c for c in (draws.below("checkouts", m, 1600) // 40).tolist()],
        "renewals": [b"%d" % c for c in (draws.below("renewals", m, 300) // 50).tolist()],
        "message": items.message,
    }


def _embedded(shape: Shape, draws: Draws, items: it.ItemColumns) -> dict[str, list[bytes]]:
    """Values of the item field by name."""
    layout, m = shape.layout, len(items.bib)
    return _shared(shape, draws, items) | {
        "number": shape.number.listed("item", items.number, layout.marc_form),
        "class": [call[0] for call in items.call],
        "cutter": [call[1] for call in items.call],
        "agency": [b"0"] * m,
        **shape.parts("location", it.padded(items.location_in_bib, layout.pad.get("location", 0))),
        **shape.parts("status", it.padded(items.status_in_bib, layout.pad.get("status", 0))),
        "due": _due(shape, items, layout.date, b""),
        "this_year": [b"0"] * m,
        "last_year": [b"0"] * m,
        "created": _created(shape, items, layout.date, shape.texts("date", "bad_short", layout.date)),
    }


def _row_values(
    shape: Shape, draws: Draws, bibs: BibColumns, items: it.ItemColumns
) -> dict[str, list[bytes]]:
    """Values of the list by name."""
    layout, m = shape.layout, len(items.bib)
    form, blank = shape.at("date", "list"), shape.at("date", "blank").encode()
    first, last = shape.at("date", "first"), shape.at("date", "last")
    days = calendar.table(first, last, form)
    writer = ListWriter(shape, "item")
    lent_days = list(zip(items.out.tolist(), items.lent.tolist(), strict=True))
    numbers = shape.number.listed("bib", items.bib_number, layout.list_form)
    second = shape.number.listed("bib", bibs.number[items.also], layout.list_form)
    known = (items.bib_number > 0).tolist()
    return _shared(shape, draws, items) | {
        "number": shape.number.listed("item", items.number, layout.list_form),
        "bib_number": writer.repeated(
            [text if yes else b"" for text, yes in zip(numbers, known, strict=True)],
            [text if at >= 0 else b"" for text, at in zip(second, items.also.tolist(), strict=True)],
        ),
        "barcodes": writer.repeated(items.barcode, items.more_barcode),
        **shape.parts("location", items.location),
        **shape.parts("status", items.status),
        "out_date": [
            days[d] + b" %02d:%02d" % (8 + d % 12, d * 7 % 60) if yes else blank for d, yes in lent_days
        ],
        "due_date": _due(shape, items, form, blank),
        "renewals_now": [b"0"] * m,
        "internal_use": [b"0"] * m,
        "last_checkin": [blank] * m,
        "created": _created(shape, items, form, shape.texts("date", "bad")),
        "updated": calendar.written(first, last, form, np.maximum(items.created, items.out)),
        "notes": writer.repeated(items.note, items.more_note),
    }
