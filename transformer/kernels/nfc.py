"""Composing a base letter with its marks: Unicode's NFC for one letter at a time.

Tables come from the standard library's `unicodedata`, so they are of its Unicode version, for the Basic
Multilingual Plane: nothing above it composes with a mark that MARC-8 has. `put_cluster` is exact for a
base followed by marks (combining class above 0) where base and marks are NFC by themselves, which code
tables can promise; text that may hold more goes through `unicodedata.normalize` (see `Composition.maybe`).
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Any, Final, NamedTuple

import numpy as np

from transformer.kernels.copying import Memory, poke
from transformer.kernels.jit import inlined, kernel

BMP: Final = 0x10000
_SLOTS: Final = 4096
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(52)
_PLANE = np.uint64(16)
MAX_MARKS: Final = 24
"""Marks that may wait for one base; a record with more on one letter is damaged."""


class Composition(NamedTuple):
    """Tables of `put_cluster`.

    mark_class: uint8[65536], canonical combining class. first, second: int32[65536], canonical
    decomposition into a pair that composes again, second 0 where there is none. keys: uint64[4096],
    0 or first << 16 | second, at the place its hash tells or the next free one; values: int32[4096], what
    the pair composes to. maybe: uint8[65536], 1 where a character is not sure to stay as it is in NFC
    whatever stands before it.
    """

    mark_class: Any
    first: Any
    second: Any
    keys: Any
    values: Any
    maybe: Any


@cache
def composition() -> Composition:
    """The tables, made once: about 40 ms."""
    tables = Composition(
        np.zeros(BMP, np.uint8),
        np.zeros(BMP, np.int32),
        np.zeros(BMP, np.int32),
        np.zeros(_SLOTS, np.uint64),
        np.zeros(_SLOTS, np.int32),
        np.zeros(BMP, np.uint8),
    )
    for point in range(0x300, BMP):
        tables.mark_class[point] = unicodedata.combining(chr(point))
    tables.maybe[tables.mark_class > 0] = 1
    tables.maybe[0x1161:0x1176] = 1  # vowels and finals of Korean syllables, which compose by arithmetic
    tables.maybe[0x11A8:0x11C3] = 1
    tables.maybe[0xD800:0xE000] = 1
    for point in range(0xC0, BMP):
        parts = unicodedata.decomposition(chr(point)).split()
        if not parts or parts[0].startswith("<"):
            continue
        if unicodedata.normalize("NFC", chr(point)) != chr(point):
            tables.maybe[point] = 1
            continue
        one, two = (int(part, 16) for part in parts)
        tables.first[point], tables.second[point] = one, two
        tables.maybe[two] = 1
        key = one << 16 | two
        slot = (key * int(_FACTOR) & 0xFFFFFFFFFFFFFFFF) >> int(_SHIFT)
        while tables.keys[slot]:
            slot = (slot + 1) % _SLOTS
        tables.keys[slot], tables.values[slot] = key, point
    return tables


@inlined
def composed(tables: Any, base: int, mark: int) -> Any:
    """The character that base and mark make together, 0 where there is none."""
    if base >= 0x10000 or mark >= 0x10000:
        return 0
    key = np.uint64(base) << _PLANE | np.uint64(mark)
    slot = np.int64((key * _FACTOR) >> _SHIFT)
    for _ in range(4096):
        found = tables.keys[slot]
        if found == key:
            return np.int64(tables.values[slot])
        if found == 0:
            return 0
        slot = (slot + 1) & 0xFFF
    return 0


@kernel
def put_character(to: Memory, w: int, point: int) -> int:
    """A code point as UTF-8 at to[w:]: the new w. Touches at most 4 bytes."""
    if point < 0x80:
        poke(to, w, point)
        return w + 1
    if point < 0x800:
        poke(to, w, 0xC0 | point >> 6)
        poke(to, w + 1, 0x80 | point & 0x3F)
        return w + 2
    if point < 0x10000:
        poke(to, w, 0xE0 | point >> 12)
        poke(to, w + 1, 0x80 | point >> 6 & 0x3F)
        poke(to, w + 2, 0x80 | point & 0x3F)
        return w + 3
    poke(to, w, 0xF0 | point >> 18)
    poke(to, w + 1, 0x80 | point >> 12 & 0x3F)
    poke(to, w + 2, 0x80 | point >> 6 & 0x3F)
    poke(to, w + 3, 0x80 | point & 0x3F)
    return w + 4


@inlined
def sort_marks(tables: Any, marks: Any, count: int) -> None:
    """Marks by combining class; those of one class keep their order."""
    for place in range(1, count):
        mark = marks[place]
        rank = tables.mark_class[mark]
        at = place
        while at > 0 and tables.mark_class[marks[at - 1]] > rank:
            marks[at] = marks[at - 1]
            at -= 1
        marks[at] = mark


@inlined
def put_cluster(to: Memory, w: int, tables: Any, base: int, marks: Any, count: int) -> int:
    """A base and its marks in NFC at to[w:]: the new w. Touches at most 3 * (count + 4) + 4 bytes.

    base: any code point, NFC by itself. marks: int64[MAX_MARKS + 4], the first `count` of them in order,
    each below 0x10000; changed here.
    """
    if count == 0:
        return put_character(to, w, base)
    while base < 0x10000 and tables.second[base] != 0 and count < len(marks):
        for place in range(count, 0, -1):
            marks[place] = marks[place - 1]
        marks[0] = tables.second[base]
        base = int(np.int64(tables.first[base]))
        count += 1
    sort_marks(tables, marks, count)
    kept = 0
    for place in range(count):
        mark = marks[place]
        # A mark is kept from its base by another of the same class that stands between them.
        if kept == 0 or tables.mark_class[marks[kept - 1]] != tables.mark_class[mark]:
            both = composed(tables, base, mark)
            if both != 0:
                base = both
                continue
        marks[kept] = mark
        kept += 1
    w = put_character(to, w, base)
    for place in range(kept):
        w = put_character(to, w, marks[place])
    return w
