"""Spans of ISO 2709, the slow way: bytes, slices and find, over a whole file in memory."""

from __future__ import annotations

from transformer.schema.batch import REASON_CODE, SPAN_RECORD, SPAN_SEPARATOR, SPAN_SET_ASIDE

Span = tuple[int, int, int, int]
"""byte start, byte count, kind, reason"""

SEPARATORS = b"\r\n \0\x1a\x1d"
MARK = b"\xef\xbb\xbf"
SEAMS = b"\x1e\x1d\n\r"


def number(digits: bytes, count: int) -> int | None:
    """The number that exactly `count` ASCII digits are."""
    return int(digits) if len(digits) == count and all(48 <= byte <= 57 for byte in digits) else None


def record_length(data: bytes, at: int) -> int:
    length = number(data[at : at + 5], 5)
    if length is None or length < 26 or data[at + length - 1 : at + length] != b"\x1d":
        return 0
    return length


def directory_agrees(record: bytes) -> bool:
    """From the last entry back to the first that ends where the record ends, all are sound."""
    base = number(record[12:17], 5)
    if base is None or not 25 <= base < len(record) or (base - 25) % 12:
        return False
    if record[base - 1] != 0x1E or record[-2] != 0x1E:
        return False
    if base == 25:
        return len(record) == 26
    for at in range(base - 13, 23, -12):
        count, start = number(record[at + 3 : at + 7], 4), number(record[at + 7 : at + 12], 5)
        if count is None or start is None or count < 1 or base + start + count >= len(record):
            return False
        if record[base + start - 1] != 0x1E or record[base + start + count - 1] != 0x1E:
            return False
        if base + start + count == len(record) - 1:
            return True
    return False


def signed_base(data: bytes, at: int) -> int:
    """The base address, if it leads behind the first field terminator and whole entries, else 0."""
    base = number(data[at + 12 : at + 17], 5)
    if data[at + 20 : at + 22] != b"45" or len(data) < at + 24 or base is None or base < 37:
        return 0
    if (base - 25) % 12 or data.find(b"\x1e", at, at + base) != at + base - 1:
        return 0
    first, last = data[at + 27 : at + 36], data[at + base - 10 : at + base - 1]
    return 0 if number(first, 9) is None or number(last, 9) is None else base


def overflow_of(data: bytes, at: int) -> int:
    """Digits too many in the length of a signed leader; the last five do not lead to a record's end."""
    for more in (1, 2, 3):
        length = number(data[at : at + 5 + more], 5 + more)
        if length is None or data[at] == 0x30 or at + 27 > len(data):
            return 0
        if signed_base(data, at + more) and not record_length(data, at + more):
            return more
    return 0


def directory_end(data: bytes, at: int) -> int:
    """Behind the record terminator that follows the last field that the directory names, or 0."""
    base = signed_base(data, at)
    ends = [at + base]
    for entry in range(at + 24, at + base - 1, 12):
        count, start = number(data[entry + 3 : entry + 7], 4), number(data[entry + 7 : entry + 12], 5)
        if count is None or start is None or count < 1:
            return 0
        ends.append(at + base + start + count)
    if not base or any(data[end - 1 : end] != b"\x1e" for end in ends):
        return 0
    return max(ends) + 1 if data[max(ends) : max(ends) + 1] == b"\x1d" else 0


def plausible(data: bytes, at: int, strict: bool) -> bool:
    if signed_base(data, at) or overflow_of(data, at):
        return True
    length = record_length(data, at)
    base = number(data[at + 12 : at + 17], 5) if length else None
    if base is None or not 25 <= base < length:
        return False
    if not strict and (at == 0 or data[at - 1] in SEAMS):
        return True
    return (base - 25) % 12 == 0 and data[at + base - 1] == 0x1E


def leader_like(data: bytes, at: int) -> bool:
    leader = data[at : at + 24]
    if number(leader[:5], 5) is not None:
        return True
    base = number(leader[12:17], 5)
    return len(leader) == 24 and leader[20:22] == b"45" and base is not None and base >= 25


def settle(data: bytes, at: int, most: int) -> Span:
    """The span at `at`, where neither separators nor a plain record stand."""
    length = record_length(data, at)
    named = directory_end(data, at)
    if named and named == at + length:
        return at, length, SPAN_RECORD, 0
    if named and not (length and any(plausible(data, inside, True) for inside in range(at + 1, named - 1))):
        return at, named - at, SPAN_SET_ASIDE, REASON_CODE["record-length"]
    if length and not any(plausible(data, inside, True) for inside in range(at + 1, at + length - 1)):
        return at, length, SPAN_RECORD, 0
    limit = min(len(data), at + most)
    terminator = data.find(b"\x1d", at, limit)
    stop = terminator if terminator >= 0 else limit
    first = at + 1 + overflow_of(data, at)
    leader = next((inside for inside in range(first, stop) if plausible(data, inside, False)), None)
    end = leader if leader is not None else min(stop + 1, limit)
    reason = "garbage"
    if leader_like(data, at):
        at_end = leader is None and terminator < 0 and limit == len(data)
        reason = "truncated" if at_end else "record-length"
    return at, end - at, SPAN_SET_ASIDE, REASON_CODE[reason]


def separators_end(data: bytes, at: int, limit: int) -> int:
    """Behind a byte order mark and separators; not so where blanks stand for a length."""
    end = at + 3 if at + 3 <= limit and data.startswith(MARK, at) else at
    while end < limit and data[end] in SEPARATORS:
        end += 1
    return next((blank for blank in range(max(at, end - 5), end) if signed_base(data, blank)), end)


def spans(data: bytes, most: int) -> list[Span]:
    """All spans of a file."""
    found: list[Span] = []
    at = 0
    while at < len(data):
        length = record_length(data, at)
        blank = separators_end(data, at, min(len(data), at + most))
        if length and directory_agrees(data[at : at + length]):
            found.append((at, length, SPAN_RECORD, 0))
        elif blank > at:
            found.append((at, blank - at, SPAN_SEPARATOR, 0))
        else:
            found.append(settle(data, at, most))
        at += found[-1][1]
    return found
