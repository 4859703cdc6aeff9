"""Items of one shard: where they stand, what they say, and the dirt they carry.

An item stands in the bib's item field (`EMBEDDED`), in the delimited list (`LISTED`) or in both (`BOTH`).
It has at most one kind of dirt, and items of a damaged bib have none, so that what is planted is exactly
what should be found.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from transformer.synth import calendar
from transformer.synth.bibs import BibColumns
from transformer.synth.draw import BOOL, I64, Draws, take
from transformer.synth.pools import Pools
from transformer.synth.shape import SD, Codes, Shape

EMBEDDED, LISTED, BOTH = 0, 1, 2
SOURCES = ("embedded", "list", "both")
_NOTES = (b"Gift, invented donor", b"Cover <loose>", b"Bound with care & glue", b"Plates 1-3 missing")


@dataclass(frozen=True, slots=True, eq=False)
class ItemColumns:
    """Values of the items of a shard, in order of their bibs; one entry an item.

    bib: index within the shard. place: 1, 2 ... within the bib. source: EMBEDDED, LISTED or BOTH. dirt:
    index into the kinds of dirt, or -1. bib_number: what the list says (a bib that is not there, for
    orphans; 0 = blank). *_in_bib: what the bib's field says where the two differ. call: ("", "") = none.
    lent, out: on loan since day `out`. shelf: on the hold shelf. also: a second bib of the shard that the
    item is bound with, or -1.
    """

    bib: I64
    place: I64
    number: I64
    bib_number: I64
    source: I64
    dirt: I64
    barcode: list[bytes]
    more_barcode: list[bytes]
    location: list[bytes]
    location_in_bib: list[bytes]
    status: list[bytes]
    status_in_bib: list[bytes]
    item_type: list[bytes]
    call: list[tuple[bytes, bytes]]
    volume: list[bytes]
    created: I64
    lent: BOOL
    out: I64
    shelf: BOOL
    also: I64
    note: list[bytes]
    more_note: list[bytes]
    message: list[bytes]


@dataclass(frozen=True, slots=True)
class ItemSettings:
    """per_bib: mean number of items. listed: there is a list beside the bibs. serials: titles with many
    items are allowed. first_number, most: the numbers of this shard. orphan_from: first bib number that
    no bib has. dirt: share of dirty items. people: the shard has patrons, so
    that items can be on loan."""

    per_bib: float
    listed: bool
    embedded: bool
    serials: bool
    first_serial: int
    most: int
    orphan_from: int
    dirt: float
    people: bool


def mean_count(shape: Shape, kind: str) -> float:
    """The mean number of items a bib that a table of counts stands for."""
    codes = shape.codes("item", "count", kind)
    total = 0.0
    for code, share in zip(codes.codes, codes.shares, strict=True):
        low, _, high = code.partition("-")
        total += share * (int(low) + int(high or low)) / 2
    return total / sum(codes.shares)


def counts(shape: Shape, draws: Draws, bibs: BibColumns, settings: ItemSettings) -> I64:
    """How many items each bib has, scaled so that the library's mean is `per_bib`."""
    kinds, n = shape.at("bib", "kind"), len(bibs.index)
    tables = [kind["items"] if settings.serials else "monograph" for kind in kinds]
    shares = [kind["share"] for kind in kinds]
    mean = sum(s * mean_count(shape, t) for s, t in zip(shares, tables, strict=True)) / sum(shares)
    drawn = np.zeros(n, np.int64)
    for name in sorted(set(tables)):
        codes = shape.codes("item", "count", name)
        pairs = [code.partition("-") for code in codes.codes]
        low = np.asarray([int(p[0]) for p in pairs])
        width = np.asarray([int(p[2] or p[0]) for p in pairs]) - low + 1
        at = draws.pick(f"count {name}", n, codes.shares)
        count = low[at] + (draws.unit(f"within {name}", n) * width[at]).astype(np.int64)
        drawn = np.where(np.asarray([t == name for t in tables])[bibs.kind], count, drawn)
    scaled = np.floor(drawn * (settings.per_bib / mean) + draws.unit("count scale", n)).astype(np.int64)
    few = bibs.damage >= 0 if settings.serials else np.ones(n, np.bool_)  # what is cut must be cut once
    scaled = np.where(few, np.minimum(scaled, 4), scaled)
    return np.where(np.cumsum(scaled) <= settings.most, scaled, 0)


def columns(
    shape: Shape, pools: Pools, draws: Draws, bibs: BibColumns, settings: ItemSettings
) -> ItemColumns:
    """The items of these bibs, clean; `soil` puts the dirt on."""
    count = counts(shape, draws, bibs, settings)
    m = int(count.sum())
    bib = np.repeat(np.arange(len(count)), count)
    place = np.arange(m) - np.repeat(np.cumsum(count) - count, count) + 1
    location = _locations(shape)
    status, types = shape.codes("item", "status"), shape.codes("item", "item_type")
    where = draws.pick("location", m, location.shares)
    state = draws.pick("status", m, status.shares)
    serial = np.asarray([kind["items"] == "serial" for kind in shape.at("bib", "kind")])[bibs.kind][bib]
    own = draws.chance("own call", m, shape.share("item", "share", "own_call_number"))
    calls = pools.calls[sorted(pools.calls)[0]]
    note = draws.chance("note", m, shape.share("item", "share", "note"))
    more = draws.chance("more note", m, shape.share("item", "share", "more_note")) & note
    message = draws.chance("message", m, shape.share("item", "share", "message"))
    last = calendar.day_number(shape.at("date", "first"), shape.as_of)
    serials = settings.first_serial + np.arange(m)
    barcodes = [b"%d" % n for n in (39_999_000_000_001 + serials).tolist()]
    own_calls = zip(bibs.call[bib].tolist(), own.tolist(), strict=True)
    second = draws.chance("second barcode", m, shape.share("item", "share", "second_barcode"))
    return ItemColumns(
        bib=bib,
        place=place,
        number=shape.number.first["item"] + serials,
        bib_number=bibs.number[bib],
        source=_sources(shape, draws, m, settings),
        dirt=np.full(m, -1, np.int64),
        barcode=barcodes,
        more_barcode=_only([b"2" + code[1:] for code in barcodes], second),
        location=(places := take(location.written, where.tolist())),
        location_in_bib=places,
        status=(states := take(status.written, state.tolist())),
        status_in_bib=states,
        item_type=take(types.written, draws.pick("item type", m, types.shares).tolist()),
        call=[calls[at] if is_own else (b"", b"") for at, is_own in own_calls],
        volume=_only([b"v.%d (%d)" % (p, 1950 + p % 75) for p in place.tolist()], serial),
        created=draws.below("item created", m, last),
        lent=np.zeros(m, np.bool_),
        out=last - 1 - draws.below("out", m, 60),
        shelf=np.zeros(m, np.bool_),
        also=np.full(m, -1, np.int64),
        note=_texts(note, _NOTES),
        more_note=_texts(more, (b"Checked 2011", b"See shelf list")),
        message=_texts(message, (b"CHECK DISC AT DESK",)),
    )


def _only(values: list[bytes], chosen: BOOL) -> list[bytes]:
    return [value if yes else b"" for value, yes in zip(values, chosen.tolist(), strict=True)]


def _texts(chosen: BOOL, texts: tuple[bytes, ...]) -> list[bytes]:
    return [texts[at % len(texts)] if yes else b"" for at, yes in enumerate(chosen.tolist())]


def _locations(shape: Shape) -> Codes:
    codes = tuple(shape.at("item", "location", "codes"))
    return Codes(codes, tuple(1 / (rank + 1) for rank in range(len(codes))))


def _sources(shape: Shape, draws: Draws, m: int, settings: ItemSettings) -> I64:
    if not settings.listed:
        return np.full(m, EMBEDDED, np.int64)
    if not settings.embedded:
        return np.full(m, LISTED, np.int64)
    shares = [shape.share("item", "source", name) for name in SOURCES]
    return draws.pick("source", m, shares)


def occupy(
    shape: Shape, draws: Draws, bibs: BibColumns, items: ItemColumns, settings: ItemSettings
) -> ItemColumns:
    """Lends items, puts some on the hold shelf, and binds some with the next bib: clean ones only.

    `[loan] statuses` may be lent, those of `always` are; `[request] statuses` may be on the hold shelf, a
    `share` of them is. `becomes` of both: the status that such an item has then.
    """
    m = len(items.bib)
    free = (items.dirt < 0) & (bibs.damage < 0)[items.bib]

    def has(*keys: str) -> BOOL:
        wanted = set(shape.texts(*keys))
        return np.fromiter((code in wanted for code in items.status), np.bool_, m)

    lent, shelf = np.zeros(m, np.bool_), np.zeros(m, np.bool_)
    status, inside = list(items.status), list(items.status_in_bib)
    if settings.people and "loan" in shape.tree:
        can = free & has("loan", "statuses")
        wanted = shape.at("loan", "per_bib") * len(bibs.index)
        share = min(0.9, wanted / max(1, int(can.sum())))
        always = has("loan", "always")
        lent = can & draws.chance("on loan", m, share) | free & always
        plain = shape.texts("loan", "statuses")[0]
        for at in np.flatnonzero(always & ~lent).tolist():  # what only a loan can say is not said of others
            status[at] = inside[at] = plain
        can = free & ~lent & has("request", "statuses")
        shelf = can & draws.chance("on shelf", m, shape.share("request", "share"))
        for chosen, what in ((lent, "loan"), (shelf, "request")):
            becomes = {a.encode(): b.encode() for a, b in shape.get(what, "becomes", default={}).items()}
            for at in np.flatnonzero(chosen).tolist() if becomes else ():
                status[at] = inside[at] = becomes.get(status[at], status[at])
    whole = np.append((bibs.damage < 0)[1:], False)[items.bib]
    bound = free & whole & (items.place == 1)
    bound &= draws.chance("bound with", m, shape.share("item", "share", "bound_with"))
    also = np.where(bound, items.bib + 1, -1)
    return replace(items, lent=lent, shelf=shelf, also=also, status=status, status_in_bib=inside)


def disagree(shape: Shape, draws: Draws, items: ItemColumns, spared: BOOL) -> ItemColumns:
    """Lets bib field and list differ here and there, and leaves some bib numbers of the list blank.

    spared: items that stay as they are (dirty, or of a damaged bib). Only items in both are touched.
    """
    m = len(items.bib)
    free = (items.source == BOTH) & ~spared & (items.also < 0)
    changed = {}
    for column, codes in (
        ("location", _locations(shape).written),
        ("status", shape.codes("item", "status").written),
    ):
        differs = free & draws.chance(
            f"conflict {column}", m, shape.share("item", "share", f"conflict_{column}")
        )
        values, following = list(getattr(items, column)), dict(zip(codes, codes[1:] + codes[:1], strict=True))
        for at in np.flatnonzero(differs).tolist():
            values[at] = following[values[at]]
        changed[f"{column}_in_bib"] = values
    blank = free & draws.chance("no bib number", m, shape.share("item", "share", "no_bib_number"))
    return replace(
        items,
        bib_number=np.where(blank, 0, items.bib_number),
        location_in_bib=changed["location_in_bib"],
        status_in_bib=changed["status_in_bib"],
    )


def soil(
    shape: Shape, draws: Draws, bibs: BibColumns, items: ItemColumns, settings: ItemSettings
) -> ItemColumns:
    """Puts the dirt on: a share of the items, the kinds in turn. The first to be done with clean items."""
    m = len(items.bib)
    kinds = list(shape.at("dirt", "item"))
    turns = [
        k for k, kind in enumerate(kinds) if settings.listed or kind not in ("bib-missing", "field-count")
    ]
    spare = kinds.index("blank-barcode") if "blank-barcode" in kinds else -1
    whole = bibs.damage[items.bib] < 0
    chosen = np.flatnonzero(draws.chance("dirt", m, settings.dirt) & whole)
    dirt, source = items.dirt.copy(), items.source.copy()
    bib_number, barcode = items.bib_number.copy(), list(items.barcode)
    coded = {
        "location-unmapped": (list(items.location), shape.texts("dirt", "location")),
        "status-unknown": (list(items.status), shape.texts("dirt", "status")),
        "type-unknown": (list(items.item_type), shape.texts("dirt", "item_type")),
    }
    dirty = set(chosen.tolist())
    start = int(draws.below("first dirt", 1, len(turns))[0])
    for turn, at in enumerate(chosen.tolist()):
        kind = kinds[turns[(start + turn) % len(turns)]]
        if kind == "duplicate-barcode" and not (at and at - 1 not in dirty and whole[at - 1]):
            if spare < 0:
                continue
            kind = "blank-barcode"
        dirt[at] = kinds.index(kind)
        if kind == "duplicate-barcode":
            barcode[at] = barcode[at - 1]
        elif kind == "blank-barcode":
            barcode[at] = b""
        elif kind == "bib-missing":
            source[at], bib_number[at] = LISTED, settings.orphan_from + turn
        elif kind == "field-count" and source[at] == EMBEDDED:
            source[at] = LISTED
        elif kind in coded:
            values, codes = coded[kind]
            values[at] = codes[turn // len(turns) % len(codes)]
    clean = [code if d < 0 else b"" for code, d in zip(items.more_barcode, dirt.tolist(), strict=True)]
    location, status = coded["location-unmapped"][0], coded["status-unknown"][0]
    return replace(
        items, dirt=dirt, source=source, bib_number=bib_number, barcode=barcode, more_barcode=clean,
        location=location, location_in_bib=location, status=status, status_in_bib=status,
        item_type=coded["type-unknown"][0],
    )  # fmt: skip


def written_call(form: str, call: tuple[bytes, bytes]) -> bytes:
    """A call number as the list prints it: "marked" with |a |b, or with a blank between its parts."""
    if form == "marked":
        return (b"|a" + call[0] + (b"|b" + call[1] if call[1] else b"")) if call[0] else b""
    return call[0] + (b" " + call[1] if call[1] else b"")


def padded(values: list[bytes], width: int) -> list[bytes]:
    """Values filled with blanks to the width that the system gives them inside MARC."""
    filled = {value: value.ljust(width) for value in set(values)}
    return [filled[value] for value in values]


def bib_locations(shape: Shape, items: ItemColumns, count: int) -> list[list[bytes]]:
    """For each bib of the shard the locations of its items, each once, in order."""
    made: list[list[bytes]] = [[] for _ in range(count)]
    for bib, code in zip(items.bib.tolist(), items.location_in_bib, strict=True):
        if code not in made[bib] and len(made[bib]) < 3:
            made[bib].append(code)
    home = shape.at("item", "location", "codes")[0].encode()
    return [codes or [home] for codes in made]


def joined(values: list[bytes]) -> bytes:
    """Several values for one subfield, as `FieldTemplate.render` takes them."""
    return SD.join(values)
