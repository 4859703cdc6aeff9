"""The parts of a damaged record: pieces between terminators, entries of the directory, in a scratch array.

The array int64[SCRATCH_ROWS, n] has a row for each fact, pieces first, then entries; `ORDER` lists the
entries in the order of their starts. A piece: where it begins and how many bytes it has, without
terminator. An entry: where its tag stands, the bytes it claims without terminator, its start; UNKNOWN where
those are no digits.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from transformer.kernels.bytesops import byte_at, find_byte
from transformer.kernels.digits import entry_numbers, packed_tag
from transformer.kernels.iso2709 import tag_printable
from transformer.kernels.jit import inlined
from transformer.marc import (
    ENTRY_LENGTH,
    FIELD_LENGTH_DIGITS,
    FIELD_START_DIGITS,
    FIELD_TERMINATOR,
    MAX_FIELD_BYTES,
    MAX_RECORD_BYTES,
    SUBFIELD_DELIMITER,
    TAG_LENGTH,
)

PIECE_AT, PIECE_LENGTH, ENTRY_AT, ENTRY_BYTES, ENTRY_START, ORDER = range(6)
SCRATCH_ROWS: Final = 6
MOST_PIECES: Final = 1 << 17
"""Pieces that a record may have: more are not looked at, so that a file of terminators takes no memory."""
UNKNOWN: Final = -2
"""A number that is none."""
NOTHING: Final = -1
"""What a length of 0 leaves for the value; a start that says nothing, since all are the same."""
_CONTROL: Final = 0x3030  # "00"


@inlined
def decimal(data, at, count):  # type: ignore[no-untyped-def]
    """The number in data[at:at + count], or UNKNOWN."""
    number = np.int64(0)
    for place in range(at, at + count):
        digit = byte_at(data, place) - 48
        if digit < 0 or digit > 9:
            return np.int64(UNKNOWN)
        number = number * 10 + digit
    return number


@inlined
def digits_of(number, least):  # type: ignore[no-untyped-def]
    """Digits that a program writes for a number which it fills up to `least` with zeros."""
    count = 1
    while number >= 10:
        number //= 10
        count += 1
    return max(count, least)


@inlined
def cut_pieces(data, body, stop, scratch):  # type: ignore[no-untyped-def]
    """Cut data[body:stop] at field terminators: (pieces, whether the last one is terminated).

    UNKNOWN pieces if there is no room for all.
    """
    count = 0
    closed = True
    at = body
    most = scratch.shape[1]
    while at < stop:
        if count == most:
            return UNKNOWN, closed
        end = find_byte(data, at, stop, FIELD_TERMINATOR)
        scratch[PIECE_AT, count] = at
        scratch[PIECE_LENGTH, count] = end - at
        closed = end < stop
        count += 1
        at = end + 1
    return count, closed


@inlined
def read_entries(data, at, end, pieces, scratch):  # type: ignore[no-untyped-def]
    """Read the directory data[at:end]: number of entries, or UNKNOWN.

    An entry whose field or start is too large for its digits may be longer than twelve bytes: taken so
    where the digits are those of its piece. The pieces must be cut already.
    """
    most = scratch.shape[1]
    count = 0
    body = scratch[PIECE_AT, 0] if pieces > 0 else 0
    while at < end:
        if count == most or at + ENTRY_LENGTH > end or not tag_printable(packed_tag(data, at)):
            return UNKNOWN
        width = ENTRY_LENGTH
        size, start = entry_numbers(data, at)
        if size < 0:
            size = decimal(data, at + TAG_LENGTH, FIELD_LENGTH_DIGITS)
            start = decimal(data, at + TAG_LENGTH + FIELD_LENGTH_DIGITS, FIELD_START_DIGITS)
        if count < pieces:
            true_size = scratch[PIECE_LENGTH, count] + 1
            true_start = scratch[PIECE_AT, count] - body
            one = digits_of(true_size, FIELD_LENGTH_DIGITS)
            two = digits_of(true_start, FIELD_START_DIGITS)
            wide = TAG_LENGTH + one + two
            if (
                wide > ENTRY_LENGTH
                and at + wide <= end
                and decimal(data, at + TAG_LENGTH, one) == true_size
                and decimal(data, at + TAG_LENGTH + one, two) == true_start
            ):
                width, size, start = wide, true_size, true_start
        scratch[ENTRY_AT, count] = at
        scratch[ENTRY_BYTES, count] = size - 1 if size >= 0 else UNKNOWN
        scratch[ENTRY_START, count] = start
        scratch[ORDER, count] = count
        count += 1
        at += width
    return count


@inlined
def order_by_start(data, entries, large, scratch):  # type: ignore[no-untyped-def]
    """Put the entries in the order of their starts, if all have one: False if an entry stands there twice.

    Such a one was written over another, whose tag is lost. But in a `large` record starts beyond what
    digits can say may all be 0 or nines. Where all starts are the same they become NOTHING. A Shell sort.
    """
    same = entries > 1
    for place in range(entries):
        if scratch[ENTRY_START, place] < 0:
            return True
        same &= scratch[ENTRY_START, place] == scratch[ENTRY_START, 0]
    if same:
        scratch[ENTRY_START, :entries] = NOTHING
        return True
    gap = entries // 2
    while gap > 0:
        for place in range(gap, entries):
            moved = scratch[ORDER, place]
            start = scratch[ENTRY_START, moved]
            at = place
            while at >= gap:
                other = scratch[ORDER, at - gap]
                before = scratch[ENTRY_START, other]
                if before < start or (before == start and other < moved):
                    break
                scratch[ORDER, at] = other
                at -= gap
            scratch[ORDER, at] = moved
        gap //= 2
    for place in range(1, entries):
        entry, before = scratch[ORDER, place], scratch[ORDER, place - 1]
        start = scratch[ENTRY_START, entry]
        if (
            start == scratch[ENTRY_START, before]
            and not (large and (start == 0 or start == MAX_RECORD_BYTES))
            and scratch[ENTRY_BYTES, entry] == scratch[ENTRY_BYTES, before]
            and packed_tag(data, scratch[ENTRY_AT, entry]) == packed_tag(data, scratch[ENTRY_AT, before])
        ):
            return False
    return True


@inlined
def fits_in_order(entries, pieces, ordered, scratch):  # type: ignore[no-untyped-def]
    """How many numbers are right if the entries stand by start (`ordered`), or as the directory has them.

    Counted are lengths and starts that are those of the piece, and starts that follow on the entry before.
    """
    found = 0
    due = np.int64(UNKNOWN)
    for place in range(entries):
        entry = scratch[ORDER, place] if ordered else place
        start, count = scratch[ENTRY_START, entry], scratch[ENTRY_BYTES, entry]
        if place < pieces:
            found += 1 if count == scratch[PIECE_LENGTH, place] else 0
            found += 1 if start == scratch[PIECE_AT, place] - scratch[PIECE_AT, 0] else 0
        found += 1 if start == due else 0
        due = start + count + 1
    return found


@inlined
def choose_order(entries, pieces, scratch):  # type: ignore[no-untyped-def]
    """Back to the order of the directory where more numbers fit so: then a start is wrong, not the order."""
    if fits_in_order(entries, pieces, False, scratch) > fits_in_order(entries, pieces, True, scratch):
        for place in range(entries):
            scratch[ORDER, place] = place


@inlined
def characters(data, at, end):  # type: ignore[no-untyped-def]
    """How many characters data[at:end] has in UTF-8."""
    count = 0
    for place in range(at, end):
        if byte_at(data, place) & 0xC0 != 0x80:
            count += 1
    return count


@inlined
def explain_lengths(data, entries, scratch):  # type: ignore[no-untyped-def]
    """Make all lengths those of their pieces if they follow another way of counting throughout.

    There are as many pieces as entries. Ways: characters in place of bytes; without terminator. One
    field whose length differs by one may as well have lost a byte, so more is asked for.
    """
    for without in range(2):
        off = 0
        good = 0
        for place in range(entries):
            at, piece = scratch[PIECE_AT, place], scratch[PIECE_LENGTH, place]
            count = scratch[ENTRY_BYTES, scratch[ORDER, place]] + without
            if piece >= MAX_FIELD_BYTES or count == piece or count == characters(data, at, at + piece):
                good += 1
                off += min(piece - count + without, MAX_FIELD_BYTES)
        if good == entries and off > 1:
            for place in range(entries):
                scratch[ENTRY_BYTES, scratch[ORDER, place]] = scratch[PIECE_LENGTH, place]
            return


@inlined
def put_field(data, entry_at, place, at, count, tag, start, length, control):  # type: ignore[no-untyped-def]
    """Write one field."""
    name = packed_tag(data, entry_at)
    tag[place] = name
    start[place] = at
    length[place] = count
    is_control = name >> np.uint32(8) == _CONTROL
    if is_control:
        is_control = find_byte(data, at, at + count, SUBFIELD_DELIMITER) == at + count
    control[place] = 1 if is_control else 0
