"""Index the records of ISO 2709: where leader and fields lie, which are damaged, and which are not UTF-8.

Damaged ones are `mend`'s to repair. Accepted is what can be read in one way only. The entry map and the
counts in leader/10-11 are not asked: where a directory of twelve digits an entry agrees with the
terminators, it is right whatever they say.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from transformer.kernels.bytesops import byte_at, find_byte, load8
from transformer.kernels.copying import memory
from transformer.kernels.digits import digits5, entry_numbers, packed_tag
from transformer.kernels.jit import inlined, kernel
from transformer.kernels.utf8 import check_text
from transformer.marc import (
    BASE_ADDRESS_AT,
    ENTRY_LENGTH,
    FIELD_TERMINATOR,
    LEADER_LENGTH,
    MAX_RECORD_BYTES,
    RECORD_TERMINATOR,
    SUBFIELD_DELIMITER,
)
from transformer.schema.batch import (
    I32,
    I64,
    REASON_CODE,
    SPAN_RECORD,
    SPAN_SET_ASIDE,
    U8,
    U32,
)

_LEADER: Final = REASON_CODE["leader"]
_BASE: Final = REASON_CODE["base-address"]
_DIRECTORY: Final = REASON_CODE["directory"]
_TERMINATOR: Final = REASON_CODE["field-terminator"]
_ESC: Final = 0x1B
_CONTROL: Final = 0x3030  # "00"
MAX_ENTRIES: Final = MAX_RECORD_BYTES // ENTRY_LENGTH
"""Directory entries that a record can have at most."""
# A byte b is printable ASCII if none of b, b - 0x20, b + 0x01 has its high bit set; eight at once.
_BLANKS = np.uint64(0x2020202020202020)
_BLANKS_ABOVE = np.uint64(0x2020202020000000)
_ONES = np.uint64(0x0101010101010101)
_HIGH = np.uint64(0x8080808080808080)
_NONE = np.uint64(0)


@inlined
def entry_count(data, at, length):  # type: ignore[no-untyped-def]
    """Entries that the base address makes room for; 0 where it is no base address."""
    base = digits5(data, at + BASE_ADDRESS_AT)
    if base <= LEADER_LENGTH or base >= length:
        return 0
    return (base - LEADER_LENGTH - 1) // ENTRY_LENGTH


@inlined
def leader_good(data, at):  # type: ignore[no-untyped-def]
    """True if the 24 bytes of the leader are ASCII, without ESC and the three delimiters of ISO 2709.

    Other control characters are let through: five of 500 records of one real file have 0x02 in the entry
    map and are sound otherwise.
    """
    bad = _NONE
    low = _NONE
    for part in range(LEADER_LENGTH // 8):
        word = load8(data, at + 8 * part)
        bad |= word
        low |= word - _BLANKS
    if bad & _HIGH != 0:
        return False
    if low & _HIGH != 0:
        for place in range(at, at + LEADER_LENGTH):
            byte = byte_at(data, place)
            if byte == _ESC or RECORD_TERMINATOR <= byte <= SUBFIELD_DELIMITER:
                return False
    return True


@inlined
def tag_printable(packed):  # type: ignore[no-untyped-def]
    """True if the three bytes of a packed tag are printable ASCII."""
    word = np.uint64(packed) | _BLANKS_ABOVE
    return (word | (word - _BLANKS) | (word + _ONES)) & _HIGH == 0


@inlined
def overlapping(start, length, first, end, scratch):  # type: ignore[no-untyped-def]
    """True if two of the fields first .. end share a byte. Shell sort of a copy; for odd orders only.

    scratch: int64[2, n], n >= end - first.
    """
    count = end - first
    for place in range(count):
        scratch[0, place] = start[first + place]
        scratch[1, place] = start[first + place] + length[first + place]
    gap = count // 2
    while gap > 0:
        for place in range(gap, count):
            begin, close = scratch[0, place], scratch[1, place]
            at = place
            while at >= gap and scratch[0, at - gap] > begin:
                scratch[0, at], scratch[1, at] = scratch[0, at - gap], scratch[1, at - gap]
                at -= gap
            scratch[0, at], scratch[1, at] = begin, close
        gap //= 2
    shared = False
    for place in range(1, count):
        # The terminator of a field is its own: the next may not start on it.
        shared |= scratch[0, place] <= scratch[1, place - 1]
    return shared


@inlined
def index_one(data, at, size, tag, start, length, control, filled, scratch):  # type: ignore[no-untyped-def]
    """Check the record data[at:at + size], write its fields from `filled` on: (filled, reason, TEXT_*)."""
    if not leader_good(data, at):
        return filled, _LEADER, 0
    base = digits5(data, at + BASE_ADDRESS_AT)
    if base <= LEADER_LENGTH or base >= size or byte_at(data, at + base - 1) != FIELD_TERMINATOR:
        return filled, _BASE, 0
    if (base - LEADER_LENGTH - 1) % ENTRY_LENGTH != 0:
        return filled, _DIRECTORY, 0
    first = filled
    body = at + base
    left = size - base - 1
    expected = 0
    in_order = True
    for entry in range(at + LEADER_LENGTH, body - 1, ENTRY_LENGTH):
        count, begin = entry_numbers(data, entry)
        left -= count
        name = packed_tag(data, entry)
        if count < 1 or left < 0 or base + begin + count >= size or not tag_printable(name):
            return first, _DIRECTORY, 0
        end = body + begin + count - 1
        if byte_at(data, end) != FIELD_TERMINATOR:
            return first, _TERMINATOR, 0
        if begin != expected:
            in_order = False
        expected = begin + count
        is_control = name >> np.uint32(8) == _CONTROL
        if is_control:
            is_control = find_byte(data, body + begin, end, SUBFIELD_DELIMITER) == end
        tag[filled] = name
        start[filled] = body + begin
        length[filled] = count - 1
        control[filled] = 1 if is_control else 0
        filled += 1
    # Nothing is left over and nothing shared: each field begins where another, or the directory, ends.
    if left != 0 or (not in_order and overlapping(start, length, first, filled, scratch)):
        return first, _DIRECTORY, 0
    return filled, 0, check_text(data, at + LEADER_LENGTH, at + size)


@kernel
def count_fields(data: U8, span_start: I64, span_count: I64, kind: U8) -> tuple[int, int]:
    """(records, fields) that `index_records` needs room for. Arguments as there."""
    text = memory(data)
    records = 0
    fields = 0
    for span in range(len(kind)):
        if kind[span] == SPAN_RECORD:
            records += 1
            fields += entry_count(text, span_start[span], span_count[span])
    return records, fields


@kernel
def index_records(
    data: U8,
    span_start: I64,
    span_count: I64,
    kind: U8,
    reason: U8,
    span_of: I64,
    field_from: I64,
    tag: U32,
    start: I64,
    length: I32,
    control: U8,
    text: U8,
    scratch: I64,
) -> tuple[int, int]:
    """Index every record span: (records, fields) filled; (-1, -1) if an array was too small.

    data: uint8[n]. span_start, span_count: int64[S], in `data`, all inside it; kind, reason: uint8[S],
    both changed where a record is damaged (SPAN_SET_ASIDE, a reason). Per good record: span_of int64[R],
    the span; field_from int64[R + 1]. Per field, in directory order: tag uint32[F]; start int64[F];
    length int32[F], without terminator; control uint8[F]. text: uint8[R], TEXT_* of each good record: it
    need not be UTF-8. R and F as `count_fields` told. scratch: int64[2, MAX_ENTRIES], for the kernel's own
    use.
    """
    window = memory(data)
    record = 0
    filled = 0
    field_from[0] = 0
    for span in range(len(kind)):
        if kind[span] != SPAN_RECORD:
            continue
        at, size = span_start[span], span_count[span]
        if record == len(span_of) or filled + entry_count(window, at, size) > len(tag):
            return -1, -1
        filled, why, verdict = index_one(window, at, size, tag, start, length, control, filled, scratch)
        if why != 0:
            kind[span] = SPAN_SET_ASIDE
            reason[span] = why
            continue
        span_of[record] = span
        text[record] = verdict
        record += 1
        field_from[record] = filled
    return record, filled
