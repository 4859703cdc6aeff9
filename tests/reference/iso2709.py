"""The fields of one ISO 2709 record, or why it has none, the slow way."""

from __future__ import annotations

from itertools import pairwise

from tests.reference.boundary import number

Entry = tuple[str, bytes, bool]
"""tag, bytes without terminator, control field or not"""


def text_reason(text: bytes) -> str:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return "not-utf8"
    return "escape-sequence" if b"\x1b" in text else ""


def fields_of(record: bytes) -> list[Entry] | str:
    """The fields in directory order, or why the record is set aside, or what must be decoded first."""
    leader = record[:24]
    if any(byte >= 0x80 or byte in b"\x1b\x1d\x1e\x1f" for byte in leader):
        return "leader"
    base = number(record[12:17], 5)
    if base is None or not 25 <= base < len(record) or record[base - 1] != 0x1E:
        return "base-address"
    if (base - 25) % 12:
        return "directory"
    entries: list[Entry] = []
    places: list[tuple[int, int]] = []
    left = len(record) - base - 1
    for at in range(24, base - 1, 12):
        tag = record[at : at + 3]
        count, start = number(record[at + 3 : at + 7], 4), number(record[at + 7 : at + 12], 5)
        if count is None or start is None or count < 1 or any(not 0x20 <= byte < 0x7F for byte in tag):
            return "directory"
        left -= count
        if left < 0 or base + start + count > len(record) - 1:
            return "directory"
        field = record[base + start : base + start + count]
        if field[-1] != 0x1E:
            return "field-terminator"
        places.append((start, start + count))
        entries.append((tag.decode(), field[:-1], tag.startswith(b"00") and b"\x1f" not in field))
    places.sort()
    # Every byte up to the record terminator belongs to one field, and to one only.
    if left or any(after[0] < before[1] for before, after in pairwise(places)):
        return "directory"
    return text_reason(record) or entries
