"""Bibs of one shard, as columns: what each record will say, before any of it is bytes of MARC."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from transformer.synth import calendar
from transformer.synth.draw import BOOL, I64, Draws, take
from transformer.synth.pools import CALL_COUNT, LanguagePool, Pools
from transformer.synth.shape import Shape


@dataclass(frozen=True, slots=True, eq=False)
class BibColumns:
    """Values of the bibs of a shard, one entry a bib.

    index: number in the library from 0. kind, language, call_tags: indexes into the shape's tables.
    head: which title. call: which call number. control, control_source: 001 and 003 ("" = none);
    has_035: the two stand in 035 already. created: day number. damage: index into the kinds of dirt, or -1.
    """

    index: I64
    number: I64
    kind: I64
    language: I64
    head: I64
    suppress: list[bytes]
    control: list[bytes]
    control_source: list[bytes]
    has_035: BOOL
    call: I64
    call_tags: list[str]
    created: I64
    damage: I64


def columns(shape: Shape, draws: Draws, index: I64, damage: I64) -> BibColumns:
    """The values of the bibs with these indexes in the library."""
    n = len(index)
    suppress, calls = shape.codes("bib", "suppress"), shape.codes("bib", "call_number")
    # Every third number or so is in use, as in a library that has deleted records.
    number = shape.number.first["bib"] + 3 * index + draws.below("bib number", n, 3)
    control, source, has_035 = _control(shape, draws, index, number)
    last = calendar.day_number(shape.at("date", "first"), shape.as_of)
    return BibColumns(
        index=index,
        number=number,
        kind=draws.pick("kind", n, [kind["share"] for kind in shape.at("bib", "kind")]),
        language=draws.pick("language", n, shape.codes("bib", "language").shares),
        head=draws.below("head", n, 1 << 20),
        suppress=take(suppress.written, draws.pick("suppress", n, suppress.shares).tolist()),
        control=control,
        control_source=source,
        has_035=has_035,
        call=draws.below("call", n, CALL_COUNT),
        call_tags=take(calls.codes, draws.pick("call tags", n, calls.shares).tolist()),
        created=draws.below("bib created", n, last),
        damage=damage,
    )


def _control(shape: Shape, draws: Draws, index: I64, number: I64) -> tuple[list[bytes], list[bytes], BOOL]:
    """001, 003 ("" = none) and whether 035 holds the same already."""
    codes = shape.codes("bib", "control")
    drawn = draws.pick("control", len(index), codes.shares)
    forms = {
        "digits": (b"%d", b"OCoLC"),
        "digits_with_035": (b"%d", b"OCoLC"),
        "prefixed": (b"ocn%d", b"OCoLC"),
        "vendor": (b"zzt%d", b"ZzTest"),
        "no_003": (b"%d", b""),
        "own": (b"%d", shape.get("bib", "own_003", default="").encode()),
        "none": (b"", b""),
    }
    made = [forms[code] for code in codes.codes]
    numbers = (800_000_000 + 7 * index).tolist()
    own = shape.number.listed("bib", number, shape.layout.marc_form)
    by_kind = [
        own if code == "own" else [form % n for n in numbers] if form else [b""] * len(numbers)
        for code, (form, _) in zip(codes.codes, made, strict=True)
    ]
    control = [by_kind[kind][at] for at, kind in enumerate(drawn.tolist())]
    has = np.asarray([code == "digits_with_035" for code in codes.codes])[drawn]
    return control, [made[kind][1] for kind in drawn.tolist()], has


def first_title(pool: LanguagePool, head: int) -> str:
    """The 245 $a that this head gives."""
    return pool.titles[head % len(pool.titles)]


def country(pool: LanguagePool, head: int) -> bytes:
    """The country of publication that goes with this head."""
    return pool.countries[head % len(pool.countries)]


def call_numbers(pools: Pools, tags: str, call: int) -> dict[str, tuple[bytes, bytes]]:
    """Tag -> call number in two parts, for the tags of one bib, e.g. "050+082"."""
    return {tag: pools.calls[tag][call] for tag in tags.split("+") if tag}


def damaged(shape: Shape, draws: Draws, count: int, dirt: float, first_shard: bool) -> I64:
    """For each bib of a shard the index of its damage, -1 for none; never two damaged ones in a row.

    The first shard has one of each kind if there is any dirt at all, so that small libraries show them.
    """
    # Any byte is a character, or the half of one, somewhere in MARC-8.
    kinds = [k for k in shape.at("dirt", "bib") if k != "bad-utf8" or shape.layout.encoding == "utf-8"]
    kind = np.full(count, -1, np.int64)
    wanted = int(count * dirt * shape.share("dirt", "bib_share") + draws.unit("damage count", 1)[0])
    if dirt > 0 and first_shard:
        wanted = max(wanted, len(kinds))
    wanted = min(wanted, count // 4)
    start = int(draws.below("damage kind", 1, len(kinds))[0])
    within = draws.unit("damage at", wanted).tolist()
    for turn in range(wanted):
        low, high = turn * count // wanted, (turn + 1) * count // wanted - 2
        kind[low + int(within[turn] * (high - low))] = (start + turn) % len(kinds)
    return kind
