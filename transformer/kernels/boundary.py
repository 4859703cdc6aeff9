"""Divide bytes of ISO 2709 into spans: leader hop on clean files, resync only where there is damage.

A record span starts with five digits L >= 26 and has a record terminator at byte L - 1. Between spans may
stand separators: CR, LF, blank, NUL, Ctrl-Z, and a byte order mark at the very start of the file.

Damage never costs a neighbour. A damaged span ends with the next record terminator, or before a
plausible leader inside it, whichever comes first. And a length that leads to a terminator by accident -
that of a neighbour - is found out: where the directory does not end where the record ends, the record is
searched for a plausible leader inside.

Decisions depend on the bytes from the span's start to `most + AHEAD` bytes after it and on nothing else,
so any window that holds those, or AHEAD bytes after the span's end, finds the same spans. What is no
record is cut after `most` bytes, so that memory stays bounded whatever stands in a file.

Speed on clean files, one core, data in memory: a hop touches three cache lines a record.
"""

from __future__ import annotations

from typing import Final

from transformer.kernels.bytesops import byte_at, find_byte, size_of
from transformer.kernels.copying import memory
from transformer.kernels.digits import digits5, entry_numbers
from transformer.kernels.jit import inlined, kernel
from transformer.marc import (
    BASE_ADDRESS_AT,
    ENTRY_LENGTH,
    ENTRY_MAP_AT,
    FIELD_TERMINATOR,
    LEADER_LENGTH,
    MAX_RECORD_BYTES,
    MIN_RECORD_BYTES,
    RECORD_TERMINATOR,
)
from transformer.schema.batch import (
    I64,
    REASON_CODE,
    SPAN_RECORD,
    SPAN_SEPARATOR,
    SPAN_SET_ASIDE,
    U8,
)

MOST: Final = 1 << 18
"""Bytes after which a span that is no record is cut."""
AHEAD: Final = MAX_RECORD_BYTES + 64
"""Bytes beyond a span that its end may depend on: one longest record and a few separators."""

DONE: Final = 0
MORE: Final = 1
FULL: Final = 2

_BAD_LENGTH: Final = REASON_CODE["record-length"]
_TRUNCATED: Final = REASON_CODE["truncated"]
_GARBAGE: Final = REASON_CODE["garbage"]
_NEWLINE: Final = 0x0A
# Bit n set: byte n is a separator, or a leader may follow it at once (a seam).
_SEPARATORS: Final = 1 << 0x20 | 1 << 0x0D | 1 << _NEWLINE | 1 << 0x1A | 1 << 0
_SEAMS: Final = 1 << FIELD_TERMINATOR | 1 << RECORD_TERMINATOR | 1 << _NEWLINE | 1 << 0x0D
_SMALLEST_BASE: Final = LEADER_LENGTH + 1


@inlined
def is_separator(byte):  # type: ignore[no-untyped-def]
    """CR, LF, blank, NUL or Ctrl-Z."""
    return byte <= 0x20 and _SEPARATORS >> byte & 1 == 1


@inlined
def record_length(data, at):  # type: ignore[no-untyped-def]
    """Length of the record at `at` if its leader leads to a record terminator, else 0."""
    size = size_of(data)
    if at + MIN_RECORD_BYTES > size:
        return 0
    length = digits5(data, at)
    if length < MIN_RECORD_BYTES or at + length > size or byte_at(data, at + length - 1) != RECORD_TERMINATOR:
        return 0
    return length


@inlined
def directory_agrees(data, at, length):  # type: ignore[no-untyped-def]
    """True if the fields that the directory names end where the record of `length` bytes ends.

    The last entry is asked first (in nearly all files the fields lie in directory order), all others
    only if it does not reach the end.
    """
    base = digits5(data, at + BASE_ADDRESS_AT)
    if base < _SMALLEST_BASE or base >= length or (base - _SMALLEST_BASE) % ENTRY_LENGTH != 0:
        return False
    if byte_at(data, at + base - 1) != FIELD_TERMINATOR or byte_at(data, at + length - 2) != FIELD_TERMINATOR:
        return False
    if base == _SMALLEST_BASE:
        return length == MIN_RECORD_BYTES
    entry = at + base - 1 - ENTRY_LENGTH
    while entry >= at + LEADER_LENGTH:
        count, start = entry_numbers(data, entry)
        if count < 1 or base + start + count >= length:
            return False
        before = at + base + start - 1
        if byte_at(data, before) != FIELD_TERMINATOR or byte_at(data, before + count) != FIELD_TERMINATOR:
            return False
        if base + start + count + 1 == length:
            return True
        entry -= ENTRY_LENGTH
    return False


@inlined
def leader_like(data, at):  # type: ignore[no-untyped-def]
    """True if a leader seems to stand here, whatever its length says."""
    size = size_of(data)
    if at + LEADER_LENGTH > size:
        return at + 5 <= size and digits5(data, at) >= 0
    has_map = byte_at(data, at + ENTRY_MAP_AT) == 0x34 and byte_at(data, at + ENTRY_MAP_AT + 1) == 0x35
    base = digits5(data, at + BASE_ADDRESS_AT)
    return (digits5(data, at) >= 0) or (has_map and base >= _SMALLEST_BASE)


@inlined
def plausible_leader(data, at, end, strict):  # type: ignore[no-untyped-def]
    """Index of the first plausible leader in data[at:end], or `end`.

    Its length leads to a record terminator and its base address is digits inside the record. After a
    field or record terminator or a line end that is enough; anywhere else, and if `strict` everywhere,
    a field terminator must stand before the base address and the directory be whole entries.
    """
    while at < end:
        length = record_length(data, at) if 48 <= byte_at(data, at) <= 57 else 0
        if length != 0:
            base = digits5(data, at + BASE_ADDRESS_AT)
            if _SMALLEST_BASE <= base < length:
                before = byte_at(data, at - 1) if at > 0 else _NEWLINE
                at_seam = before < 0x20 and _SEAMS >> before & 1 == 1
                whole = (base - _SMALLEST_BASE) % ENTRY_LENGTH == 0
                if (at_seam and not strict) or (whole and byte_at(data, at + base - 1) == FIELD_TERMINATOR):
                    return at
        at += 1
    return at


@inlined
def settle(data, at, most, final):  # type: ignore[no-untyped-def]
    """(end, kind, reason) of the span at `at`, which is no separator and no plain record."""
    size = size_of(data)
    length = record_length(data, at)
    if length != 0:
        last = at + length - 1
        if plausible_leader(data, at + 1, last, True) == last:
            return at + length, SPAN_RECORD, 0
    limit = min(size, at + most)
    terminator = find_byte(data, at, limit, RECORD_TERMINATOR)
    leader = plausible_leader(data, at + 1, terminator, False)
    at_end = final and leader == size
    end = leader if leader < terminator else min(terminator + 1, limit)
    if not leader_like(data, at):
        return end, SPAN_SET_ASIDE, _GARBAGE
    return end, SPAN_SET_ASIDE, _TRUNCATED if at_end else _BAD_LENGTH


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
    sure: int,
    byte_start: I64,
    byte_count: I64,
    kind: U8,
    reason: U8,
) -> tuple[int, int, int]:
    """Find spans from data[at] on, until one ends at or after `stop`: (next index, filled, status).

    data: uint8[n], of which data[0] is byte `offset` of the file; final: data ends where the file ends.
    most: see above. sure: so many bytes from the span's start on are asked for before anything but a plain
    record is decided: most + AHEAD; 0 if data is known to reach AHEAD beyond the last span wanted.
    byte_start, byte_count: int64[C], in the file; kind, reason: uint8[C]; the first `filled` are written.
    status: DONE; MORE, if the bytes after data are needed to decide; FULL, if C spans were found before
    `stop`. The next index is where the first span not told of starts.
    """
    size = len(data)
    text = memory(data)
    filled = 0
    while at < stop:
        if filled == byte_start.shape[0]:
            return at, filled, FULL
        length = record_length(text, at)
        if length != 0 and directory_agrees(text, at, length):
            end, what, why = at + length, SPAN_RECORD, 0
        else:
            limit = min(size, at + most)
            end, what, why = separators_end(text, at, limit, offset + at == 0), SPAN_SEPARATOR, 0
            if end == at:
                if not final and size - at < sure:
                    return at, filled, MORE
                end, what, why = settle(text, at, most, final)
            elif end == size and not final and end < at + most:
                return at, filled, MORE
        byte_start[filled] = offset + at
        byte_count[filled] = end - at
        kind[filled] = what
        reason[filled] = why
        filled += 1
        at = end
    return at, filled, DONE
