"""Bibs as ISO 2709: fields out of the pools, records of the size wanted, and damage to a few.

The size comes from a summary (520) cut to the length that is missing, so that records lie between 0.8
and 3 KB with a mean of about 1.45 and 20 to 40 fields, item fields counted; a serial with many items is
longer. All a million records cost is list work and joins in C: about 25 µs each.
"""

from __future__ import annotations

from itertools import accumulate, chain
from typing import Final

import numpy as np

from transformer.marc import ENTRY_LENGTH, LEADER_LENGTH, MAX_RECORD_BYTES
from transformer.synth import calendar
from transformer.synth.bibs import BibColumns, country
from transformer.synth.draw import I64, Draws, take
from transformer.synth.pools import EMPTY, MOST_NOTES, MOST_SUBJECTS, Group, Pools, singles
from transformer.synth.shape import FT, SD, Shape

_STARTS = tuple(b"%05d" % n for n in range(MAX_RECORD_BYTES + 1))
_SUMMARY = b"  " + SD + b"a"


def build(
    shape: Shape, pools: Pools, draws: Draws, bibs: BibColumns, system: list[list[Group]]
) -> list[bytes]:
    """Finished records in order, undamaged. system: columns of the system's own fields, items included."""
    n = len(bibs.index)
    heads = list(zip(*_front(shape, pools, draws, bibs), *_title(shape, pools, draws, bibs), strict=True))
    tails = list(zip(_vernacular(pools, bibs, draws), *system, strict=True))
    size, wanted = _sizes(draws, n)
    starts = take(pools.filler_starts, draws.below("filler", n, len(pools.filler_starts)).tolist())
    coding = " " if shape.layout.encoding == "marc-8" else "a"
    leaders = [f"{kind['type']}{kind['level']} {coding}22".encode() for kind in shape.at("bib", "kind")]
    made, limit = [], shape.layout.split_bytes
    for head, tail, leader, target, fields, start, pick in zip(
        heads, tails, take(leaders, bibs.kind.tolist()), size.tolist(), wanted.tolist(), starts,
        draws.below("bundle", n, 200).tolist(), strict=True,
    ):  # fmt: skip
        room = fields - 1 - sum([len(g[0]) for g in head]) - sum([len(g[0]) for g in tail])
        notes = max(0, min(room // 4, MOST_NOTES))
        groups = [*head, pools.notes[notes][pick], EMPTY]
        groups += (pools.subjects[max(0, min(room - notes, MOST_SUBJECTS))][pick], *tail)
        groups[len(head) + 1] = summary(pools, start, target - _size(groups))
        made.append(
            split(groups, leader, limit) if limit and _size(groups) > limit else record(groups, leader)
        )
    return made


def split(groups: list[Group], leader: bytes, limit: int) -> bytes:
    """A title too long for one record: written again and again, each time with the next of its last group."""
    *rest, (entries, lengths, data) = groups
    room = limit - _size(rest)
    made, first, start, used, at = [], 0, 0, 0, 0
    for number, length in enumerate(lengths):
        if used and used + length + ENTRY_LENGTH > room:
            made.append(
                record([*rest, (entries[first:number], lengths[first:number], data[start:at])], leader)
            )
            first, start, used = number, at, 0
        used, at = used + length + ENTRY_LENGTH, at + length
    made.append(record([*rest, (entries[first:], lengths[first:], data[start:])], leader))
    return b"".join(made)


def parts(data: bytes) -> int:
    """In how many records a title is written, whatever is wrong with its bytes."""
    return max(1, data.count(b"\x1d"))


def _sizes(draws: Draws, n: int) -> tuple[I64, I64]:
    """Bytes and number of fields wanted for each record; long records tend to have more fields."""
    # A product of two even draws has its mean at a quarter: many short records and a long tail.
    spread = draws.unit("size 1", n) * draws.unit("size 2", n)
    fields = 20.5 + 20.4 * (0.75 * spread + 0.25 * draws.unit("field count", n))
    return (740 + 2150 * spread).astype(np.int64), fields.astype(np.int64)


def _size(groups: list[Group]) -> int:
    """Bytes of a record of these groups."""
    fields = sum([len(g[0]) for g in groups])
    return LEADER_LENGTH + ENTRY_LENGTH * fields + 2 + sum([len(g[2]) for g in groups])


def summary(pools: Pools, start: int, missing: int) -> Group:
    """A 520 that makes a record longer by `missing` bytes, directory entry included; never below 30."""
    end = pools.filler_ends[start + max(30, missing) - ENTRY_LENGTH - len(_SUMMARY) - 1]
    value = _SUMMARY + pools.filler[start:end] + FT
    return (b"520%04d" % len(value),), (len(value),), value


def record(groups: list[Group], leader: bytes, level: bytes = b" i ") -> bytes:
    """One record. leader: bytes 06 to 11. level: bytes 17 to 19."""
    entries = list(chain.from_iterable([g[0] for g in groups]))
    starts = accumulate(chain.from_iterable([g[1] for g in groups]), initial=0)
    directory = b"".join(chain.from_iterable(zip(entries, map(_STARTS.__getitem__, starts), strict=False)))
    body = b"".join([g[2] for g in groups])
    base = LEADER_LENGTH + len(directory) + 1
    return b"%05dc%s%05d%s4500%s\x1e%s\x1d" % (base + len(body) + 1, leader, base, level, directory, body)


def _front(shape: Shape, pools: Pools, draws: Draws, bibs: BibColumns) -> list[list[Group]]:
    """Control fields, standard numbers, cataloging source, call numbers: 001 to 099."""
    n, kinds = len(bibs.index), shape.at("bib", "kind")
    entered = calendar.table(shape.at("date", "first"), shape.at("date", "last"), "YYMMDD")
    years = (draws.below("year", n, 170) + 1855).tolist()
    of_bib = take(pools.languages, bibs.language.tolist())
    positions = [kind["positions"].encode() for kind in kinds]
    fixed = [
        b"%ss%d    %s%s%s d\x1e" % (entered[day], year, country(pool, head), positions[kind], pool.code)
        for day, year, pool, head, kind in zip(
            bibs.created.tolist(), years, of_bib, bibs.head.tolist(), bibs.kind.tolist(), strict=True
        )
    ]
    levels = [kind["level"] if kind["level"] in pools.standard_numbers else "m" for kind in kinds]
    at = draws.below("standard number", n, 1024).tolist()
    pairs = zip(bibs.control, bibs.has_035.tolist(), strict=True)
    return [
        singles(b"001", [value + FT for value in bibs.control]),
        singles(b"003", [value + FT if value else b"" for value in bibs.control_source]),
        singles(
            b"005", [b"%d0630120000.0\x1e" % year for year in (draws.below("005", n, 12) + 2014).tolist()]
        ),
        singles(b"008", fixed),
        [pools.standard_numbers[levels[k]][i] for k, i in zip(bibs.kind.tolist(), at, strict=True)],
        singles(b"035", [b"  \x1fa(OCoLC)%s\x1e" % value if has else b"" for value, has in pairs]),
        take(pools.cataloging, draws.below("cataloging", n, len(pools.cataloging)).tolist()),
        [pools.call_fields[tags][c] for tags, c in zip(bibs.call_tags, bibs.call.tolist(), strict=True)],
    ]


def _name_indexes(draws: Draws, n: int) -> list[int]:
    return draws.below("name", n, 1 << 20).tolist()  # type: ignore[no-any-return]


def _tail_indexes(draws: Draws, n: int) -> list[int]:
    return draws.below("tail", n, 1 << 20).tolist()  # type: ignore[no-any-return]


def _title(shape: Shape, pools: Pools, draws: Draws, bibs: BibColumns) -> list[list[Group]]:
    """Name, title, imprint, extent and carrier: 100 to 338."""
    n = len(bibs.index)
    of_bib = take(pools.languages, bibs.language.tolist())
    rows = list(
        zip(of_bib, bibs.head.tolist(), _tail_indexes(draws, n), _name_indexes(draws, n), strict=True)
    )
    titles = [
        pool.heads[h % len(pool.heads)][0] + pool.tails[t % len(pool.tails)][0] for pool, h, t, _ in rows
    ]
    carriers = [pools.carriers[kind["type"] + kind["level"]] for kind in shape.at("bib", "kind")]
    at = draws.below("carrier", n, 64).tolist()
    return [
        [pool.names[name % len(pool.names)][0] for pool, _, _, name in rows],
        singles(b"245", titles),
        [pool.imprints[(h + t) % len(pool.imprints)] for pool, h, t, _ in rows],
        [carriers[k][i] for k, i in zip(bibs.kind.tolist(), at, strict=True)],
    ]


def _vernacular(pools: Pools, bibs: BibColumns, draws: Draws) -> list[Group]:
    """The 880s of name and title, empty for Latin script."""
    n = len(bibs.index)
    made = []
    of_bib = take(pools.languages, bibs.language.tolist())
    rows = zip(of_bib, bibs.head.tolist(), _tail_indexes(draws, n), _name_indexes(draws, n), strict=True)
    for pool, head, tail, name in rows:
        title = pool.heads[head % len(pool.heads)][1]
        if not title:
            made.append(EMPTY)
            continue
        entries, lengths, data = pool.names[name % len(pool.names)][1]
        title += pool.tails[tail % len(pool.tails)][1]
        size = len(title)
        made.append(((*entries, b"880%04d" % size), (*lengths, size), data + title))
    return made


_NOWHERE: Final = b"\x81\x8d\x8f\x90\x9d"
"""C1 bytes that Windows-1252 leaves free and MARC-8 does not know."""


def damage(made: list[bytes], kinds: list[str], of_bib: I64) -> None:
    """Harms the finished records in place. of_bib: index into kinds, -1 = none."""
    harm = {"wrong-length": _wrong_length, "cut": _cut, "bad-utf8": _bad_utf8}
    for at in np.flatnonzero(of_bib >= 0).tolist():
        made[at] = harm[kinds[int(of_bib[at])]](made[at])


def _wrong_length(data: bytes) -> bytes:
    """The leader says 17 bytes more than there are."""
    return b"%05d" % (len(data) + 17) + data[5:]


def _cut(data: bytes) -> bytes:
    """The record ends somewhere in its fields, without a terminator, as after a broken copy."""
    return data[: len(data) * 3 // 5]


def _bad_utf8(data: bytes) -> bytes:
    """From the summary on, letters become bytes that no encoding of text uses: nothing makes sense of them.

    With the high bit of each letter set, 67 short fields of 45,000 looked like words in some encoding; and a
    record with a few such bytes only would be decoded with signs in their place.
    """
    base = int(data[12:17])
    entry = next(at for at in range(LEADER_LENGTH, base, ENTRY_LENGTH) if data[at : at + 3] == b"520")
    at = base + int(data[entry + 7 : entry + 12])
    text = bytearray(data[at:])
    for place, byte in enumerate(text):
        if chr(byte).isalpha() and byte < 0x80 and text[place - 1] != SD[0]:
            text[place] = _NOWHERE[byte % 5]
    return data[:at] + bytes(text)
