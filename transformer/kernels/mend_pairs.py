"""Which piece of a damaged record belongs to which entry of its directory.

`agreeing` is for a directory that is right; `paired` lays entries beside pieces in order, where it is not.
What an entry says of length and start is evidence for the pairing, never a place to cut at; only where a
terminator is lost do lengths say where two fields part, and only if the two fill their piece exactly.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from transformer.kernels.boundary import is_separator
from transformer.kernels.bytesops import byte_at, find_byte
from transformer.kernels.jit import inlined
from transformer.kernels.mend_pieces import (
    ENTRY_AT,
    ENTRY_BYTES,
    ENTRY_START,
    ORDER,
    PIECE_AT,
    PIECE_LENGTH,
    UNKNOWN,
    put_field,
)
from transformer.marc import FIELD_TERMINATOR, MAX_FIELD_BYTES, MAX_RECORD_BYTES, SUBFIELD_DELIMITER

# Bits of `mends`: what was wrong with a record.
LENGTH: Final = 1
BASE: Final = 2
DIRECTORY: Final = 4
TERMINATOR: Final = 8
LEADER: Final = 16
OVERSIZE: Final = 32
UNNAMED: Final = 64
DOUBTFUL: Final = 128

_TAG_COLON: Final = 0x3A  # after "9"


@inlined
def shape_fits(data, tag_at, at, end):  # type: ignore[no-untyped-def]
    """False where a control field has a delimiter, or a field with a number from 010 on has none."""
    has = find_byte(data, at, end, SUBFIELD_DELIMITER) < end
    first, second, third = byte_at(data, tag_at), byte_at(data, tag_at + 1), byte_at(data, tag_at + 2)
    if first == 0x30 and second == 0x30:
        return not has
    numeric = first < _TAG_COLON and second < _TAG_COLON and third < _TAG_COLON
    return has or not numeric


@inlined
def gap_between(data, at, end):  # type: ignore[no-untyped-def]
    """What stands in data[at:end], which no entry names: 0 nothing, TERMINATOR, or UNNAMED text."""
    found = 0
    for place in range(at, end):
        byte = byte_at(data, place)
        found |= TERMINATOR if byte == FIELD_TERMINATOR or is_separator(byte) else UNNAMED
    return found


@inlined
def agreeing(data, body, stop, entries, first, scratch, tag, start, length, control):  # type: ignore[no-untyped-def]
    """-1, or the bits of what stands between fields, if every entry begins and ends at terminators.

    Two entries may not share a byte. The fields are written.
    """
    gaps = 0
    before = np.int64(0)
    for place in range(entries):
        entry = scratch[ORDER, place]
        begin, count = scratch[ENTRY_START, entry], scratch[ENTRY_BYTES, entry]
        if begin < before or count < 0 or body + begin + count >= stop:
            return -1
        at = body + begin
        if byte_at(data, at + count) != FIELD_TERMINATOR:
            return -1
        if begin > 0 and byte_at(data, at - 1) != FIELD_TERMINATOR:
            return -1
        put_field(data, scratch[ENTRY_AT, entry], first + entry, at, count, tag, start, length, control)
        gaps |= gap_between(data, body + before, at)
        before = begin + count + 1
    return gaps | gap_between(data, body + before, stop)


@inlined
def follows_on(entry, following, size, scratch):  # type: ignore[no-untyped-def]
    """1 if the next entry's start says that this field has `size` bytes, 0 if not, -1 if it is not known."""
    if following < 0 or scratch[ENTRY_START, entry] < 0 or scratch[ENTRY_START, following] < 0:
        return -1
    return 1 if scratch[ENTRY_START, following] - scratch[ENTRY_START, entry] == size + 1 else 0


@inlined
def fits_alone(data, body, piece_at, piece, entry, following, shift, whole, scratch):  # type: ignore[no-untyped-def]
    """How a piece fits an entry whose length is not the piece's: 0 not at all, 1 surely, 2 doubtful.

    following: the entry after it in order of starts, or -1. shift: how far starts are off by now. whole: no
    byte was lost or added, since the record has as many as its leader says.
    """
    begin, count = scratch[ENTRY_START, entry], scratch[ENTRY_BYTES, entry]
    true_begin = piece_at - body
    if piece >= MAX_FIELD_BYTES:
        return 1
    away = begin - true_begin
    if begin >= 0 and true_begin <= MAX_RECORD_BYTES and away != 0 and away != shift:
        return 0
    if begin != true_begin and not shape_fits(data, scratch[ENTRY_AT, entry], piece_at, piece_at + piece):
        return 0
    if begin < 0 or count == UNKNOWN:
        return 2
    return 1 if follows_on(entry, following, piece, scratch) == 1 or (following < 0 and whole) else 2


@inlined
def ends_whole(data, end):  # type: ignore[no-untyped-def]
    """True if no character of UTF-8 is cut at `end`: its lead byte says how many bytes it has."""
    for back in range(1, 4):
        byte = byte_at(data, end - back)
        if byte < 0x80:
            return back == 1
        if byte >= 0xC0:
            return back == (2 if byte < 0xE0 else 3 if byte < 0xF0 else 4)
    return byte_at(data, end - 4) >= 0xF0


@inlined
def inside_character(data, at):  # type: ignore[no-untyped-def]
    """True if a character of UTF-8 goes on at `at`."""
    return byte_at(data, at) & 0xC0 == 0x80


@inlined
def joined(piece, pieces, wanted, scratch):  # type: ignore[no-untyped-def]
    """Pieces that a value with terminators inside takes, if they fill `wanted` bytes exactly, else 0."""
    total = scratch[PIECE_LENGTH, piece]
    last = piece
    while total < wanted and last + 1 < pieces:
        last += 1
        total += 1 + scratch[PIECE_LENGTH, last]
    return last - piece + 1 if total == wanted and last > piece else 0


@inlined
def taken_by(data, body, piece, pieces, open_, entry, following, shift, whole, scratch):  # type: ignore[no-untyped-def]
    """What an entry takes where its length is not the piece's: (bytes, pieces, bits of `mends`).

    pieces 0: it does not fit; -1: the piece holds this field and the next one, without a terminator between.
    open_: the piece is the last one and has no terminator.
    """
    at, count = scratch[PIECE_AT, piece], scratch[PIECE_LENGTH, piece]
    wanted = scratch[ENTRY_BYTES, entry]
    more = scratch[ENTRY_BYTES, following] if following >= 0 else np.int64(UNKNOWN)
    if wanted >= 0 and follows_on(entry, following, wanted, scratch) != 0:
        many = joined(piece, pieces, wanted, scratch) if count < wanted else 0
        if many > 0:
            return wanted, many, 0
        if more >= 0 and (count == wanted + more or count == wanted + 1 + more):
            if inside_character(data, at + wanted) or inside_character(data, at + count - more):
                return 0, 0, 0
            return wanted, -1, TERMINATOR
    if open_:
        # The last field's terminator is lost too, or is another byte. What stands behind is no part of it.
        if wanted < 0 or wanted > count or inside_character(data, at + wanted):
            return 0, 0, 0
        return wanted, 1, gap_between(data, at + wanted + 1, at + count)
    fit = fits_alone(data, body, at, count, entry, following, shift, whole, scratch)
    if fit == 0:
        return 0, 0, 0
    return count, 1, DIRECTORY | DOUBTFUL if fit == 2 else DIRECTORY


@inlined
def paired(data, body, entries, pieces, closed, whole, first, scratch, tag, start, length, control, doubtful):  # type: ignore[no-untyped-def]
    """Lay entries beside pieces in order: bits of `mends`, or 0 where they do not fit."""
    mends = 0
    piece = 0
    place = 0
    doubts = 0
    shift = np.int64(0)
    while place < entries:
        entry = scratch[ORDER, place]
        wanted, begin = scratch[ENTRY_BYTES, entry], scratch[ENTRY_START, entry]
        while piece < pieces and scratch[PIECE_LENGTH, piece] == 0 and wanted != 0:
            # An empty piece that no entry means: a terminator too many.
            mends |= TERMINATOR
            piece += 1
        if piece == pieces:
            return 0
        at, count = scratch[PIECE_AT, piece], scratch[PIECE_LENGTH, piece]
        open_ = piece == pieces - 1 and not closed
        following = scratch[ORDER, place + 1] if place + 1 < entries else np.int64(UNKNOWN)
        taken, bits = 1, DIRECTORY | DOUBTFUL if begin == UNKNOWN else 0
        if count != wanted:
            held = count
            count, taken, found = taken_by(
                data, body, piece, pieces, open_, entry, following, shift, whole, scratch
            )
            if taken == 0:
                return 0
            bits |= found
            if taken < 0:
                left = scratch[ENTRY_BYTES, following]
                name_at = scratch[ENTRY_AT, following]
                put_field(
                    data, name_at, first + following, at + held - left, left, tag, start, length, control
                )
                doubtful[first + following] = 0
        if not closed and piece + abs(taken) == pieces:
            bits |= TERMINATOR
        elif begin != at - body and (mends | bits) & TERMINATOR == 0:
            bits |= DIRECTORY
        put_field(data, scratch[ENTRY_AT, entry], first + entry, at, count, tag, start, length, control)
        doubtful[first + entry] = 1 if bits & DOUBTFUL != 0 else 0
        doubts += 1 if bits & DOUBTFUL != 0 else 0
        mends |= bits
        if begin >= 0:
            shift = begin - (at - body)
        piece += abs(taken)
        place += 1 if taken > 0 else 2
    for rest in range(piece, pieces):
        begin, count = scratch[PIECE_AT, rest], scratch[PIECE_LENGTH, rest]
        if count > 0 and (closed or rest < pieces - 1):
            return 0
        mends |= TERMINATOR | gap_between(data, begin, begin + count)
    if 2 * doubts > entries:
        return 0
    return mends if mends != 0 else DIRECTORY
