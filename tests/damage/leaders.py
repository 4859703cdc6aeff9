"""Makers: bad leaders, what stands between records, and what looks odd and is no damage."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from tests.damage.case import GARBAGE, RECORD, SEPARATOR, Case, case, maker
from tests.damage.records import Made

PAGE = (
    b"<!DOCTYPE html>\n<html><head><title>504 Gateway Time-out</title></head>\n<body bgcolor='white'>\n"
    b"<center><h1>504 Gateway Time-out</h1> 12345 00026 4500</center>\r\n</body></html>\n"
)


@maker("leader-control-character")
def leader_control_character(random: Random, made: Made, after: bytes) -> Iterator[Case]:
    # Of the control characters only these four cannot stand there, and nothing outside ASCII.
    for byte in (0x1B, 0x1D, 0x1E, 0x1F, 0xE9):
        at = random.choice((5, 6, 7, 8, 9, 10, 11, 17, 18, 19, 22, 23))
        raw = made.raw[:at] + bytes([byte]) + made.raw[at + 1 :]
        leader = made.leader[:at] + " " + made.leader[at + 1 :]
        yield Case(f"{byte:#x} at {at}", ((raw, RECORD),), leader, made.fields)


@maker("leader-short")
def leader_short(random: Random, made: Made, after: bytes) -> Iterator[Case]:
    for at in range(24):
        for lost in (1, 2, 4):
            if at + lost <= 24:
                yield case(f"{lost} at {at}", made.raw[:at] + made.raw[at + lost :], made)


@maker("garbage-between")
def garbage_between(random: Random, made: Made, after: bytes) -> Iterator[Case]:
    for rubbish in (
        b"xyz",
        b"_" * 300,
        b"end of file 1\nstart of file 2\n",
        bytes(range(0x80, 0xA0)),
        b"nam a22",
    ):
        yield Case(repr(rubbish[:9]), ((rubbish, GARBAGE), (made.raw, RECORD)), made.leader, made.fields)


@maker("html-page-between")
def html_page_between(random: Random, made: Made, after: bytes) -> Iterator[Case]:
    for page in (PAGE, PAGE * 40, PAGE.replace(b"\n", b"\r\n")):
        yield Case(f"{len(page)} bytes", ((page, GARBAGE), (made.raw, RECORD)), made.leader, made.fields)


@maker("mark-between")
def mark_between(random: Random, made: Made, after: bytes) -> Iterator[Case]:
    mark = b"\xef\xbb\xbf"
    yield Case("at once", ((mark, SEPARATOR), (made.raw, RECORD)), made.leader, made.fields)


def with_field(made: Made, place: int, value: bytes) -> Made:
    """The record with another value for one field."""
    return Made(
        made.leader, (*made.fields[:place], (made.fields[place][0], value), *made.fields[place + 1 :])
    )


def odd(random: Random, made: Made, *values: bytes) -> Iterator[Case]:
    """Records with such a data field, else right."""
    for value in values:
        changed = with_field(made, random.randrange(2, len(made.fields)), value)
        yield case(repr(value), changed.raw, changed)


@maker("indicators-missing")
def indicators_missing(random: Random, made: Made, after: bytes) -> Iterator[Case]:
    yield from odd(random, made, b"\x1faMoon", b"1\x1faMoon")


@maker("indicators-three")
def indicators_three(random: Random, made: Made, after: bytes) -> Iterator[Case]:
    yield from odd(random, made, b"101\x1faMoon", b"10  \x1faMoon\x1fbMice")


@maker("code-missing")
def code_missing(random: Random, made: Made, after: bytes) -> Iterator[Case]:
    yield from odd(random, made, b"10\x1f", b"10\x1faMoon\x1f", b"10\x1f\x1faMoon")


@maker("text-before-delimiter")
def text_before_delimiter(random: Random, made: Made, after: bytes) -> Iterator[Case]:
    yield from odd(random, made, b"10Moon\x1faMice", b"10Moon and mice")


@maker("nul-mark-newline-inside")
def nul_mark_newline_inside(random: Random, made: Made, after: bytes) -> Iterator[Case]:
    yield from odd(
        random,
        made,
        b"10\x1faMo\0on",
        b"10\x1fa\xef\xbb\xbfMoon",
        b"10\x1faMoon\nand\r\nmice",
        b"10\x1fa\x1a",
    )


@maker("field-empty")
def field_empty(random: Random, made: Made, after: bytes) -> Iterator[Case]:
    yield from odd(random, made, b"", b"10")


@maker("deleted")
def deleted(random: Random, made: Made, after: bytes) -> Iterator[Case]:
    gone = Made(made.leader[:5] + "d" + made.leader[6:], made.fields)
    yield case("leader/05", gone.raw, gone)


@maker("number-missing")
def number_missing(random: Random, made: Made, after: bytes) -> Iterator[Case]:
    less = Made(made.leader, made.fields[1:])
    yield case("no 001", less.raw, less)


@maker("number-empty")
def number_empty(random: Random, made: Made, after: bytes) -> Iterator[Case]:
    empty = with_field(made, 0, b"")
    yield case("001 empty", empty.raw, empty)


@maker("number-twice")
def number_twice(random: Random, made: Made, after: bytes) -> Iterator[Case]:
    twice = Made(made.leader, (made.fields[0], ("001", b"other"), *made.fields[1:]))
    yield case("two 001", twice.raw, twice)
