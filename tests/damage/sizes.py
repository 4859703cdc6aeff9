"""Makers: records and fields that are longer than the digits of ISO 2709 can say, as programs write them.

Nines, zeros, the last digits, or more digits than there is room for (so pymarc 5.4).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random

from tests.damage.case import Case, case, maker
from tests.damage.records import Made, Parts

Write = Callable[[int, int], bytes]
"""write(number, digits) -> the digits that stand in the file."""


def nines(number: int, digits: int) -> bytes:
    return b"%0*d" % (digits, min(number, 10**digits - 1))


def zeros(number: int, digits: int) -> bytes:
    return b"%0*d" % (digits, number if number < 10**digits else 0)


def last(number: int, digits: int) -> bytes:
    return b"%0*d" % (digits, number % 10**digits)


def all_of_them(number: int, digits: int) -> bytes:
    return b"%0*d" % (digits, number)


def written(made: Made, write: Write) -> bytes:
    """The record with numbers as `write` has them; the base address is right, leaders counted as 24 bytes."""
    entries, body = [], b""
    for tag, value in made.fields:
        entries.append(tag.encode() + write(len(value) + 1, 4) + write(len(body), 5))
        body += value + b"\x1e"
    parts = Parts(made.leader, tuple(entries), body)
    size = len(replace(parts, length=b"00000", base=b"00000").raw())
    base = 25 + sum(map(len, entries))
    return replace(parts, length=write(size, 5), base=b"%05d" % base).raw()


def grown(random: Random, made: Made, size: int) -> Made:
    """The record with so many more fields of up to 9,000 bytes that it has `size` bytes."""
    fields = list(made.fields)
    left = size - len(made.raw)
    while left > 0:
        room = random.randrange(500, 9000) if left > 20_000 else left // 2 if left > 9000 else left
        value = ("圖 moon " * room).encode()[: room - 17].decode("utf-8", "ignore").encode()
        fields.append(("949", b"  \x1fa" + value.ljust(room - 17, b".")))
        left -= room
    return Made(made.leader, tuple(fields))


@maker("record-oversize")
def record_oversize(random: Random, made: Made, after: bytes) -> Iterator[Case]:
    for size in (100_001, random.randrange(150_000, 400_000)):
        large = grown(random, made, size)
        for write in (nines, zeros, last):
            yield case(f"{size} bytes, {write.__name__}", written(large, write), large)


@maker("record-overflow")
def record_overflow(random: Random, made: Made, after: bytes) -> Iterator[Case]:
    for size in (100_001, random.randrange(150_000, 400_000), random.randrange(1_000_000, 1_100_000)):
        large = grown(random, made, size)
        yield case(f"{size} bytes", written(large, all_of_them), large)


@maker("field-oversize")
def field_oversize(random: Random, made: Made, after: bytes) -> Iterator[Case]:
    place = random.randrange(2, len(made.fields))
    tag, value = made.fields[place]
    for length in (9_999, random.randrange(10_000, 40_000)):
        long = (tag, value + b"\x1fx" + b"long text " * (length // 10 + 1))
        large = Made(made.leader, (*made.fields[:place], long, *made.fields[place + 1 :]))
        for write in (nines, zeros, last, all_of_them):
            yield case(f"{length} bytes, {write.__name__}", written(large, write), large)
