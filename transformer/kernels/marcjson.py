"""MARC in JSON: where the objects of records begin and end, strings respected.

A record is an object at the top level or in a list there: so a list, one object a line and objects in a row
are all read. Separators are white space, `[`, `]`, `,`, RS, NUL, Ctrl-Z, and a byte order mark at the start.

Damage never costs a neighbour. `{` with `"leader"`, `"fields"` or `"type"` as its first name begins a record
wherever it stands: within sound JSON it cannot stand in a string (its quotation marks would be escaped), and
no object within a record is so. There an unclosed record ends. A line break in a string (JSON forbids it)
shows a lost quotation mark: that record goes to the next such beginning, or to a `{` at the start of a line.
Bytes that are none of this are garbage up to the same place. A record longer than `most` bytes is cut.
"""

from __future__ import annotations

from typing import Final

from transformer.kernels.bytesops import byte_at, size_of
from transformer.kernels.copying import memory
from transformer.kernels.jit import inlined, kernel
from transformer.schema.batch import (
    I64,
    REASON_CODE,
    SPAN_RECORD,
    SPAN_SEPARATOR,
    SPAN_SET_ASIDE,
    U8,
)

MOST: Final = 16 << 20
AHEAD: Final = 128
"""Bytes beyond a `{` that are looked at: white space, then a name."""

DONE: Final = 0
MORE: Final = 1
FULL: Final = 2

_OPEN: Final = 0x7B
_CLOSE: Final = 0x7D
_QUOTE: Final = 0x22
_ESCAPE: Final = 0x5C
_LF: Final = 0x0A
_TRUNCATED: Final = REASON_CODE["truncated"]
_GARBAGE: Final = REASON_CODE["garbage"]
_MALFORMED: Final = REASON_CODE["json-malformed"]
_TOO_LARGE: Final = REASON_CODE["record-too-large"]


@inlined
def is_white(byte):  # type: ignore[no-untyped-def]
    """Blank, tab, CR or LF."""
    return byte in (0x20, 0x09, 0x0D, _LF)


@inlined
def is_separator(byte):  # type: ignore[no-untyped-def]
    """White space, `[`, `]`, `,`, RS, NUL or Ctrl-Z."""
    return is_white(byte) or byte in (0x5B, 0x5D, 0x2C, 0x1E, 0x00, 0x1A)


@inlined
def is_name(data, at, one, two, three, four):  # type: ignore[no-untyped-def]
    """True if these four bytes stand at `at`."""
    return (
        byte_at(data, at) == one
        and byte_at(data, at + 1) == two
        and byte_at(data, at + 2) == three
        and byte_at(data, at + 3) == four
    )


@inlined
def begins_record(data, at):  # type: ignore[no-untyped-def]
    """True if the `{` at `at` is followed by "leader", "fields" or "type"."""
    limit = min(size_of(data), at + AHEAD)
    at += 1
    while at < limit and is_white(byte_at(data, at)):
        at += 1
    if at + 6 > limit or byte_at(data, at) != _QUOTE:
        return False
    if is_name(data, at + 1, 0x74, 0x79, 0x70, 0x65):  # type
        return byte_at(data, at + 5) == _QUOTE
    if at + 8 > limit:
        return False
    if is_name(data, at + 1, 0x6C, 0x65, 0x61, 0x64):  # lead, er
        return (
            byte_at(data, at + 5) == 0x65
            and byte_at(data, at + 6) == 0x72
            and byte_at(data, at + 7) == _QUOTE
        )
    if is_name(data, at + 1, 0x66, 0x69, 0x65, 0x6C):  # fiel, ds
        return (
            byte_at(data, at + 5) == 0x64
            and byte_at(data, at + 6) == 0x73
            and byte_at(data, at + 7) == _QUOTE
        )
    return False


@inlined
def next_record(data, at, limit, final):  # type: ignore[no-untyped-def]
    """(index, known): the first `{` in data[at:limit] that begins a record or a line, or `limit`."""
    size = size_of(data)
    while at < limit:
        if byte_at(data, at) == _OPEN:
            if not final and size - at < AHEAD:
                return at, False
            if byte_at(data, at - 1) == _LF or begins_record(data, at):
                return at, True
        at += 1
    return limit, True


@kernel
def record_end(data, at, limit, final):  # type: ignore[no-untyped-def]
    """(end, known, sound): the object at `at`. `known` is False where bytes behind data decide, `sound` where
    its braces and brackets close."""
    size = size_of(data)
    depth = 0
    in_string = False
    place = at
    while place < limit:
        byte = byte_at(data, place)
        if byte == _OPEN and place > at:
            if not final and size - place < AHEAD:
                return place, False, False
            if begins_record(data, place):
                return place, True, False
        if in_string:
            # `\{` is no escape: a record cut behind its backslash may not cost the one that follows.
            if byte == _ESCAPE and place + 1 < limit and byte_at(data, place + 1) != _OPEN:
                place += 1
            elif byte == _QUOTE:
                in_string = False
            elif byte == _LF:
                end, known = next_record(data, place + 1, limit, final)
                return end, known, False
        elif byte == _QUOTE:
            in_string = True
        elif byte | 0x20 == _OPEN:  # { or [
            depth += 1
        elif byte | 0x20 == _CLOSE:  # } or ]
            depth -= 1
            if depth == 0:
                return place + 1, True, True
        place += 1
    return limit, True, False


@inlined
def separators_end(data, at, limit, at_file_start):  # type: ignore[no-untyped-def]
    """Where the run of separators at `at` ends; `at` itself if there is none."""
    if (
        at_file_start
        and at + 3 <= limit
        and byte_at(data, at) == 0xEF
        and byte_at(data, at + 1) == 0xBB
        and byte_at(data, at + 2) == 0xBF
    ):
        at += 3
    while at < limit and is_separator(byte_at(data, at)):
        at += 1
    return at


@kernel
def find_spans(
    data: U8,
    at: int,
    stop: int,
    offset: int,
    final: bool,
    most: int,
    byte_start: I64,
    byte_count: I64,
    kind: U8,
    reason: U8,
) -> tuple[int, int, int]:
    """Find spans from data[at] on, until one ends at or after `stop`: (next index, filled, state).

    Arguments and states as in kernels/aleph_sequential.py.
    """
    text = memory(data)
    size = len(data)
    filled = 0
    while at < stop:
        if filled == byte_start.shape[0]:
            return at, filled, FULL
        limit = min(size, at + most)
        # The end of what we see is no end: neither of a run of separators, nor of a record.
        open_end = not final and limit == size and size < at + most
        end = separators_end(text, at, limit, offset + at == 0)
        what, why = SPAN_SEPARATOR, 0
        if end == at and byte_at(text, at) == _OPEN:
            what = SPAN_RECORD
            end, known, sound = record_end(text, at, limit, final)
            if not sound:
                if not known or (end == limit and open_end):
                    return at, filled, MORE
                what, why = SPAN_SET_ASIDE, _MALFORMED
                if end == limit:
                    why = _TRUNCATED if limit == size else _TOO_LARGE
        elif end == at:
            end, known = next_record(text, at + 1, limit, final)
            if not known or (end == limit and open_end):
                return at, filled, MORE
            what, why = SPAN_SET_ASIDE, _GARBAGE
        elif end == size and open_end:
            return at, filled, MORE
        byte_start[filled] = offset + at
        byte_count[filled] = end - at
        kind[filled] = what
        reason[filled] = why
        filled += 1
        at = end
    return at, filled, DONE


@kernel
def count_pairs(data: U8, start: I64, count: I64, pairs: I64) -> None:
    """pairs[i] = colons outside strings in data[start[i]:start[i] + count[i]]: its names and values.

    A parser keeps one of several equal names of an object; by this count it shows.
    """
    text = memory(data)
    for record in range(len(start)):
        found = 0
        in_string = False
        at, end = start[record], start[record] + count[record]
        while at < end:
            byte = byte_at(text, at)
            if byte == _QUOTE:
                in_string = not in_string
            elif in_string:
                if byte == _ESCAPE:
                    at += 1
            elif byte == 0x3A:
                found += 1
            at += 1
        pairs[record] = found
