"""Makers: terminators missing, doubled, or where no one expects them; bytes lost and added; records cut."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from tests.damage.case import RECORD, SEPARATOR, Case, case, maker
from tests.damage.numbers import numbers, places
from tests.damage.records import Made, Parts


def end_of(parts: Parts, place: int) -> int:
    """Where the terminator of a field stands in the body."""
    _, length, start = numbers(parts)[place]
    return start + length - 1


def changed(parts: Parts, at: int, new: bytes) -> Parts:
    """One byte of the body in exchange for others, all numbers but the record's length as before."""
    return replace(parts, body=parts.body[:at] + new + parts.body[at + 1 :])


def as_before(parts: Parts, before: Parts) -> bytes:
    """The bytes with the length and the base address of what it was."""
    raw = before.raw()
    return replace(parts, length=raw[:5], base=raw[12:17]).raw()


@maker("record-terminator-missing")
def record_terminator_missing(random: Random, made: Made, after: bytes) -> Iterator[Case]:
    yield case("length as before", made.raw[:-1], made)
    yield case("length of what is left", replace(Parts.of(made), end=b"").raw(), made)
    yield case("a line end instead", made.raw[:-1] + b"\n", made)


@maker("record-terminator-doubled")
def record_terminator_doubled(random: Random, made: Made, after: bytes) -> Iterator[Case]:
    for more in (1, 2, 5):
        pieces = ((made.raw, RECORD), (b"\x1d" * more, SEPARATOR))
        yield Case(f"{more} more", pieces, made.leader, made.fields)


@maker("field-terminator-missing")
def field_terminator_missing(random: Random, made: Made, after: bytes) -> Iterator[Case]:
    parts = Parts.of(made)
    for place in places(random, made):
        less = changed(parts, end_of(parts, place), b"")
        yield case(f"of {place}", as_before(less, parts), made)
        yield case(f"of {place}, length of what is left", less.raw(), made)
    yield case("of the directory", as_before(replace(parts, mark=b""), parts), made)


@maker("field-terminator-replaced")
def field_terminator_replaced(random: Random, made: Made, after: bytes) -> Iterator[Case]:
    parts = Parts.of(made)
    for byte in (b" ", b"x", b"\x1d", b"\0", b"\x1f"):
        for place in places(random, made):
            yield case(f"of {place} by {byte!r}", changed(parts, end_of(parts, place), byte).raw(), made)
        yield case(f"of the directory by {byte!r}", replace(parts, mark=byte).raw(), made)


@maker("field-terminator-doubled")
def field_terminator_doubled(random: Random, made: Made, after: bytes) -> Iterator[Case]:
    parts = Parts.of(made)
    for place in places(random, made):
        more = changed(parts, end_of(parts, place), b"\x1e\x1e")
        yield case(f"of {place}", as_before(more, parts), made)
        yield case(f"of {place}, length right", replace(more, base=None).raw(), made)
    yield case("of the directory", as_before(replace(parts, mark=b"\x1e\x1e"), parts), made)


@maker("glued")
def glued(random: Random, made: Made, after: bytes) -> Iterator[Case]:
    parts = Parts.of(made)
    both = b"%05d" % (len(made.raw) - 1 + len(after))
    yield case("length of both", replace(parts, end=b"", length=both).raw(), made)
    bare = replace(parts, end=b"", body=parts.body[:-1])
    yield case("without field terminator too", as_before(bare, parts), made)
    yield case("and the length of both", replace(bare, length=b"%05d" % (int(both) - 1)).raw(), made)


@maker("byte-lost")
def byte_lost(random: Random, made: Made, after: bytes) -> Iterator[Case]:
    parts = Parts.of(made)
    for place in places(random, made):
        _, length, start = numbers(parts)[place]
        plain = [at for at in range(start, start + length - 1) if parts.body[at] < 0x80]
        for at in {plain[0], random.choice(plain), plain[-1]}:
            less = changed(parts, at, b"")
            yield case(f"{at - start} of {place}", as_before(less, parts), made, place)


@maker("byte-added")
def byte_added(random: Random, made: Made, after: bytes) -> Iterator[Case]:
    parts = Parts.of(made)
    for place in places(random, made):
        _, length, start = numbers(parts)[place]
        plain = [at for at in range(start, start + length - 1) if parts.body[at] < 0x80]
        for at in {plain[0], random.choice(plain), plain[-1]}:
            new = bytes([random.choice(b"q 0"), parts.body[at]])
            yield case(f"{at - start} of {place}", as_before(changed(parts, at, new), parts), made, place)


@maker("cut")
def cut(random: Random, made: Made, after: bytes) -> Iterator[Case]:
    raw, base = made.raw, 25 + 12 * len(made.fields)
    for at in (
        6,
        12,
        random.randrange(24, base),
        base,
        random.randrange(base + 1, len(raw) - 3),
        len(raw) - 3,
    ):
        # Where a character is cut, the bytes before it are as lost as the others.
        yield case(f"at {at}", raw[:at], made)


@maker("cut-at-end")
def cut_at_end(random: Random, made: Made, after: bytes) -> Iterator[Case]:
    for found in cut(random, made, after):
        yield replace(found)


@maker("delimiters-inside")
def delimiters_inside(random: Random, made: Made, after: bytes) -> Iterator[Case]:
    for byte in (b"\x1e", b"\x1d", b"\x1f", b"\x1e\x1d", b"\x1d00026"):
        place = random.randrange(2, len(made.fields))
        tag, value = made.fields[place]
        odd = (tag, value + b"\x1fx" + byte + b"behind")
        inside = Made(made.leader, (*made.fields[:place], odd, *made.fields[place + 1 :]))
        yield case(repr(byte), inside.raw, inside)
