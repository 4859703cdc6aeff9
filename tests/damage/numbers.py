"""Makers: leader and directory have wrong numbers; all bytes of the values are there, with terminators."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from tests.damage.case import Case, case, maker
from tests.damage.records import Made, Parts, entry


def numbers(parts: Parts) -> list[tuple[str, int, int]]:
    """(tag, length, start) of each entry."""
    return [(e[:3].decode(), int(e[3:7]), int(e[7:])) for e in parts.entries]


def places(random: Random, made: Made) -> list[int]:
    """First field, last field, one between."""
    count = len(made.fields)
    return sorted({0, count - 1, random.randrange(count)})


@maker("length-wrong")
def length_wrong(random: Random, made: Made, after: bytes) -> Iterator[Case]:
    right = len(made.raw)
    for wrong in (right + 7, right - 3, 0, 99_999, right + 1, right - 1, 26, 24, random.randrange(90_000)):
        raw = replace(Parts.of(made), length=b"%05d" % wrong).raw()
        if wrong != right:
            yield case(f"{wrong - right:+}", raw, made)


@maker("length-blank")
def length_blank(random: Random, made: Made, after: bytes) -> Iterator[Case]:
    for number in (b"     ", b"\0\0\0\0\0", b"  123", b"abcde"):
        yield case(repr(number), replace(Parts.of(made), length=number).raw(), made)


@maker("length-of-two")
def length_of_two(random: Random, made: Made, after: bytes) -> Iterator[Case]:
    raw = replace(Parts.of(made), length=b"%05d" % (len(made.raw) + len(after))).raw()
    yield case("and the next", raw, made)


@maker("base-wrong")
def base_wrong(random: Random, made: Made, after: bytes) -> Iterator[Case]:
    right = 25 + 12 * len(made.fields)
    for wrong in (right + 1, right + 12, right - 12, right - 1, 0, 24, 99_999, random.randrange(2000)):
        if wrong != right:
            yield case(f"{wrong - right:+}", replace(Parts.of(made), base=b"%05d" % wrong).raw(), made)


@maker("base-blank")
def base_blank(random: Random, made: Made, after: bytes) -> Iterator[Case]:
    for number in (b"     ", b"\0\0\0\0\0", b"x1234"):
        yield case(repr(number), replace(Parts.of(made), base=number).raw(), made)


@maker("entries-shuffled")
def entries_shuffled(random: Random, made: Made, after: bytes) -> Iterator[Case]:
    order = random.sample(range(len(made.fields)), len(made.fields))
    parts = Parts.of(made)
    moved = Made(made.leader, tuple(made.fields[place] for place in order))
    yield case("directory", replace(parts, entries=tuple(parts.entries[p] for p in order)).raw(), moved)
    # The other way round: the directory in order, the data behind it not.
    starts, body = {}, b""
    for place in order:
        starts[place] = len(body)
        body += made.fields[place][1] + b"\x1e"
    entries = tuple(entry(t, len(v) + 1, starts[p]) for p, (t, v) in enumerate(made.fields))
    yield case("data", replace(parts, entries=entries, body=body).raw(), made)


def with_numbers(parts: Parts, found: list[tuple[str, int, int]]) -> Parts:
    """Other entries; a number that is too large is written with nines, a negative one as 0."""
    return replace(
        parts,
        entries=tuple(entry(t, min(max(n, 0), 9999), min(max(s, 0), 99_999)) for t, n, s in found),
    )


@maker("starts-shifted")
def starts_shifted(random: Random, made: Made, after: bytes) -> Iterator[Case]:
    parts = Parts.of(made)
    found = numbers(parts)
    for by in (1, -1, 100, 12, 25 + 12 * len(found)):
        raw = with_numbers(parts, [(t, n, s + by) for t, n, s in found]).raw()
        yield case(f"{by:+}", raw, made)
        first = random.randrange(1, len(found))
        some = [(t, n, s + by if place >= first else s) for place, (t, n, s) in enumerate(found)]
        yield case(f"{by:+} from one on", with_numbers(parts, some).raw(), made)


@maker("starts-zero")
def starts_zero(random: Random, made: Made, after: bytes) -> Iterator[Case]:
    parts = Parts.of(made)
    yield case("all", with_numbers(parts, [(t, n, 0) for t, n, _ in numbers(parts)]).raw(), made)


@maker("lengths-without-terminator")
def lengths_without_terminator(random: Random, made: Made, after: bytes) -> Iterator[Case]:
    parts = Parts.of(made)
    found = numbers(parts)
    yield case("starts right", with_numbers(parts, [(t, n - 1, s) for t, n, s in found]).raw(), made)
    less = [(t, n - 1, s - place) for place, (t, n, s) in enumerate(found)]
    yield case("starts too", with_numbers(parts, less).raw(), made)


@maker("lengths-in-characters")
def lengths_in_characters(random: Random, made: Made, after: bytes) -> Iterator[Case]:
    parts = Parts.of(made)
    found, start = [], 0
    for tag, value in made.fields:
        found.append((tag, len(value.decode()) + 1, start))
        start += len(value.decode()) + 1
    told = with_numbers(parts, found)
    yield case("all but the record's", told.raw(), made)
    yield case("the record's too", replace(told, length=b"%05d" % len(told.raw().decode())).raw(), made)
    right = [(t, n, s) for (t, n, _), (_, _, s) in zip(found, numbers(parts), strict=True)]
    yield case("starts in bytes", with_numbers(parts, right).raw(), made)


@maker("one-length-wrong")
def one_length_wrong(random: Random, made: Made, after: bytes) -> Iterator[Case]:
    parts = Parts.of(made)
    found = numbers(parts)
    for place in places(random, made):
        tag, right, start = found[place]
        for wrong in (right + 1, right - 1, right + 50, 0, 1, 9999, random.randrange(500)):
            if wrong != right:
                raw = parts.with_entry(place, entry(tag, wrong, start)).raw()
                yield case(f"{place}: {wrong - right:+}", raw, made)


@maker("one-start-outside")
def one_start_outside(random: Random, made: Made, after: bytes) -> Iterator[Case]:
    parts = Parts.of(made)
    for place in places(random, made):
        tag, length, right = numbers(parts)[place]
        for wrong in (99_999, len(parts.body), len(parts.body) + 1, right + 1, right - 1, right + 100, 0):
            if wrong != right and wrong >= 0:
                raw = parts.with_entry(place, entry(tag, length, wrong)).raw()
                yield case(f"{place}: {wrong}", raw, made)


@maker("entry-not-digits")
def entry_not_digits(random: Random, made: Made, after: bytes) -> Iterator[Case]:
    parts = Parts.of(made)
    for place in places(random, made):
        right = parts.entries[place]
        for at, wrong in (
            (3, b"x"),
            (6, b" "),
            (7, b"x"),
            (11, b"\0"),
            (3, b"    "),
            (7, b"     "),
            (3, b"O" * 9),
        ):
            raw = parts.with_entry(place, right[:at] + wrong + right[at + len(wrong) :]).raw()
            yield case(f"{place}: {at} {wrong!r}", raw, made, place)


@maker("entry-over-another")
def entry_over_another(random: Random, made: Made, after: bytes) -> Iterator[Case]:
    parts = Parts.of(made)
    count = len(parts.entries)
    for place in places(random, made):
        other = random.choice([p for p in range(count) if p != place])
        yield case(f"{other} over {place}", parts.with_entry(place, parts.entries[other]).raw(), made)


@maker("directory-cut")
def directory_cut(random: Random, made: Made, after: bytes) -> Iterator[Case]:
    raw, size = made.raw, 12 * len(made.fields)
    for lost in (1, 3, 11, 13):
        # Of the first tag no byte: a zero less there may as well be one of the leader's last.
        at = 27 + random.randrange(size - lost - 2)
        yield case(f"{lost} at {at}", raw[:at] + raw[at + lost :], made)


@maker("entry-lost")
def entry_lost(random: Random, made: Made, after: bytes) -> Iterator[Case]:
    parts = Parts.of(made)
    for place in places(random, made):
        less = replace(parts, entries=parts.entries[:place] + parts.entries[place + 1 :])
        left = Made(made.leader, made.fields[:place] + made.fields[place + 1 :])
        yield case(f"{place}, numbers right", less.raw(), left)
        told = replace(less, length=parts.raw()[:5], base=parts.raw()[12:17])
        yield case(f"{place}, numbers as before", told.raw(), left)
