"""From the bytes form of MARC to the columns of the field and subfield tables.

Text is not copied: a value becomes an Arrow string view, 16 bytes: length (int32), then the text itself
if it has at most 12 bytes, else its first four bytes, the number of its buffer (0 `data`, 1 `added`) and
its offset there (Arrow columnar format 1.4, variable-size binary view layout).

Tags, codes and indicators become indexes into dictionaries. Codes and indicators: 0 to 127 the ASCII
character of that number, `EMPTY` the empty string; a character outside ASCII is its code point, negated,
for the caller to give an index (they are rare, and usually damage). What a data field holds:

    indicators   its first two characters before the first delimiter; a missing one reads as blank
    leading      what stands between them and the first delimiter; a row with code "" if not empty
    subfields    after a delimiter one character of code, then the value; nothing at all after a
                 delimiter (before the next one, or at the end) is a row with code "" and value ""

Fields hold valid UTF-8, so a character never reaches beyond its field or over a delimiter.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from transformer.kernels.bytesops import (
    byte_at,
    equal32,
    equal64,
    load4,
    load8,
    ones,
    size_of,
    store8,
    trailing_zeros,
)
from transformer.kernels.copying import memory
from transformer.kernels.jit import inlined, kernel
from transformer.marc import SUBFIELD_DELIMITER
from transformer.schema.batch import I32, I64, U8, U32

EMPTY: Final = 128
NO_TAG: Final = -1
VIEW_BYTES: Final = 16
_BLANK: Final = 0x20
_INLINE: Final = 12

# Mask of the first 0 .. 12 bytes of a short text: of its first four bytes, and of the eight after them.
_FIRST_FOUR = np.array([(1 << 8 * min(n, 4)) - 1 for n in range(13)], np.uint64)
_NEXT_EIGHT = np.array([(1 << 8 * max(n - 4, 0)) - 1 for n in range(13)], np.uint64)
_1 = np.uint64(1)
_32 = np.uint64(32)


@inlined
def put_view(view, row, source, which, start, count):  # type: ignore[no-untyped-def]
    """Write the view of source[start:start + count] as number `row` (views as bytes, 16 each)."""
    place = row * VIEW_BYTES
    if start + VIEW_BYTES <= size_of(source):
        four = np.uint64(load4(source, start))
        eight = load8(source, start + 4)
    else:
        four = np.uint64(0)
        eight = np.uint64(0)
        for step in range(min(count, 4)):
            four |= np.uint64(byte_at(source, start + step)) << np.uint64(8 * step)
        for step in range(4, min(count, _INLINE)):
            eight |= np.uint64(byte_at(source, start + step)) << np.uint64(8 * (step - 4))
    # Whether a text is short cannot be foreseen, so there is no branch here: both are made, one is taken.
    inside = np.uint64(min(count, _INLINE))
    four &= _FIRST_FOUR[inside]
    place_word = np.uint64(which) | np.uint64(start) << _32
    eight = eight & _NEXT_EIGHT[inside] if count <= _INLINE else place_word
    store8(view, place, np.uint64(count) | four << _32)
    store8(view, place + 8, eight)


@inlined
def delimiters64(source, at, end):  # type: ignore[no-untyped-def]
    """uint64 mask of the subfield delimiters in source[at:min(at + 64, end)]."""
    if at + 64 <= size_of(source):
        hit = equal64(source, at, SUBFIELD_DELIMITER)
        if end - at < 64:
            hit &= (_1 << np.uint64(max(end - at, 0))) - _1
        return hit
    hit = np.uint64(0)
    for step in range(min(end - at, 64)):
        if byte_at(source, at + step) == SUBFIELD_DELIMITER:
            hit |= _1 << np.uint64(step)
    return hit


@inlined
def delimiter_after(source, block, bits, end):  # type: ignore[no-untyped-def]
    """Walk the delimiters of a field: (the next one, or `end`; block and bits for the call after).

    The first call has block = where to begin and bits = `delimiters64` there. One compare of 64 bytes
    serves most fields whole, so that the next delimiter need not wait for the last to be found.
    """
    while bits == 0 and block + 64 < end:
        block += 64
        bits = delimiters64(source, block, end)
    delimiter = block + trailing_zeros(bits) if bits != 0 else end
    return delimiter, block, bits & (bits - _1)


@inlined
def character(source, at, end):  # type: ignore[no-untyped-def]
    """(index in the dictionary of codes and indicators, where it ends) of the character at `at` < `end`."""
    first = np.int32(byte_at(source, at))
    if first < 0x80:
        return first, at + 1
    width = 2 if first < 0xE0 else (3 if first < 0xF0 else 4)
    point = first & (0x7F >> width)
    last = min(at + width, end)
    for place in range(at + 1, last):
        point = point << 6 | np.int32(byte_at(source, place) & 0x3F)
    return np.int32(-point), last


@inlined
def indicators(source, at, end):  # type: ignore[no-untyped-def]
    """(first, second, end of both) of the data field source[at:end]; first and second as indexes."""
    first, second = np.int32(_BLANK), np.int32(_BLANK)
    if at < end and byte_at(source, at) != SUBFIELD_DELIMITER:
        first, at = character(source, at, end)
        if at < end and byte_at(source, at) != SUBFIELD_DELIMITER:
            second, at = character(source, at, end)
    return first, second, at


@inlined
def code_after(source, delimiter, end):  # type: ignore[no-untyped-def]
    """(code as an index, where the value starts) of the subfield whose delimiter stands at `delimiter`."""
    at = delimiter + 1
    if at == end or byte_at(source, at) == SUBFIELD_DELIMITER:
        return np.int32(EMPTY), at
    return character(source, at, end)


@kernel
def tag_indexes(tag: U32, index: I32) -> int:
    """Fill index: int32[F] with the number that a tag of three digits is, NO_TAG for others: how many.

    tag: uint32[F], packed. Returns the number of NO_TAG.
    """
    others = 0
    for field in range(len(tag)):
        packed = np.int64(tag[field])
        first, second, third = (packed >> 16) - 48, (packed >> 8 & 0xFF) - 48, (packed & 0xFF) - 48
        digits = 0 <= first <= 9 and 0 <= second <= 9 and 0 <= third <= 9
        index[field] = first * 100 + second * 10 + third if digits else NO_TAG
        others += not digits
    return others


@inlined
def source_of(data, added, start):  # type: ignore[no-untyped-def]
    """(the memory that a batch offset points into, its number, the offset there)."""
    if start >= 0:
        return data, 0, start
    return added, 1, -1 - start


@kernel
def fill_fields(
    data: U8,
    added: U8,
    field_from: I64,
    record_number: I64,
    start: I64,
    length: I32,
    control: U8,
    record_no: I64,
    field_no: I32,
    first: I32,
    second: I32,
    view: U8,
) -> int:
    """Columns of the field table, a row a field. Arguments up to `control` as in `MarcBatch`.

    record_no: int64[F]; field_no: int32[F]; first, second: int32[F], indicators as indexes, 0 for
    control fields (which are null there); view: uint8[16 F], values of control fields, 0 for data
    fields. Returns how many fields have an indicator outside ASCII.
    """
    window, extra, views = memory(data), memory(added), memory(view)
    others = 0
    for record in range(len(record_number)):
        for field in range(field_from[record], field_from[record + 1]):
            record_no[field] = record_number[record]
            field_no[field] = field - field_from[record]
            source, which, at = source_of(window, extra, start[field])
            count = np.int64(length[field])
            one = two = np.int32(0)
            if control[field]:
                put_view(views, field, source, which, at, count)
            else:
                one, two, _ = indicators(source, at, at + count)
                others += 1 if one < 0 or two < 0 else 0
                store8(views, field * VIEW_BYTES, np.uint64(0))
                store8(views, field * VIEW_BYTES + 8, np.uint64(0))
            first[field] = one
            second[field] = two
    return others


@kernel
def count_delimiters(data: U8) -> int:
    """How many subfield delimiters stand anywhere in data: at most so many subfields are in it."""
    text = memory(data)
    size = len(data)
    found = 0
    at = 0
    while at + 64 <= size:
        found += ones(equal64(text, at, SUBFIELD_DELIMITER))
        at += 64
    while at < size:
        found += 1 if byte_at(text, at) == SUBFIELD_DELIMITER else 0
        at += 1
    return found


@kernel
def count_subfields(data: U8, added: U8, start: I64, length: I32, wanted: U8) -> int:
    """Rows that `fill_subfields` writes. Arguments as there."""
    window, extra = memory(data), memory(added)
    rows = 0
    for field in range(len(start)):
        if not wanted[field]:
            continue
        source, _, at = source_of(window, extra, start[field])
        end = at + np.int64(length[field])
        _, _, at = indicators(source, at, end)
        rows += 1 if at < end and byte_at(source, at) != SUBFIELD_DELIMITER else 0
        while at + 32 <= size_of(source) and at < end:
            hit = equal32(source, at, SUBFIELD_DELIMITER)
            if end - at < 32:
                hit &= (np.uint32(1) << np.uint32(end - at)) - np.uint32(1)
            rows += ones(hit)
            at += 32
        while at < end:
            rows += 1 if byte_at(source, at) == SUBFIELD_DELIMITER else 0
            at += 1
    return rows


@kernel
def fill_subfields(
    data: U8,
    added: U8,
    field_from: I64,
    record_number: I64,
    tag_index: I32,
    start: I64,
    length: I32,
    wanted: U8,
    record_no: I64,
    field_no: I32,
    subfield_no: I32,
    tag: I32,
    code: I32,
    view: U8,
) -> tuple[int, int]:
    """Columns of the subfield table, a row a subfield of every field with wanted[field] = 1.

    wanted: uint8[F], 1 for data fields only. tag_index: int32[F], copied to tag. record_no: int64[N];
    field_no, subfield_no, tag, code: int32[N]; view: uint8[16 N]. Returns (rows, how many have a code
    outside ASCII); (-1, 0) if N is too small.
    """
    window, extra, views = memory(data), memory(added), memory(view)
    room = len(code)
    row = 0
    others = 0
    for record in range(len(record_number)):
        for field in range(field_from[record], field_from[record + 1]):
            if not wanted[field]:
                continue
            source, which, at = source_of(window, extra, start[field])
            end = at + np.int64(length[field])
            _, _, value = indicators(source, at, end)
            name = np.int32(EMPTY)
            block, bits = value, delimiters64(source, value, end)
            delimiter, block, bits = delimiter_after(source, block, bits, end)
            due = delimiter > value
            number = np.int32(0)
            while due or delimiter < end:
                if not due:
                    name, value = code_after(source, delimiter, end)
                    delimiter, block, bits = delimiter_after(source, block, bits, end)
                due = False
                if row == room:
                    return -1, 0
                record_no[row] = record_number[record]
                field_no[row] = field - field_from[record]
                subfield_no[row] = number
                tag[row] = tag_index[field]
                code[row] = name
                others += 1 if name < 0 else 0
                put_view(views, row, source, which, value, delimiter - value)
                row += 1
                number += np.int32(1)
    return row, others


@kernel
def fill_views(data: U8, added: U8, start: I64, length: I32, view: U8) -> None:
    """Views of pieces of a batch: start int64[N] as in `MarcBatch`, length int32[N]; view uint8[16 N]."""
    window, extra, views = memory(data), memory(added), memory(view)
    for row in range(len(start)):
        source, which, at = source_of(window, extra, start[row])
        put_view(views, row, source, which, at, np.int64(length[row]))


@kernel
def fill_indicators(
    data: U8, added: U8, start: I64, length: I32, control: U8, first: I32, second: I32
) -> int:
    """Indicators of N fields as indexes, 0 for control fields: how many fields have one outside ASCII.

    start, length, control: as in `MarcBatch`, for the N fields; first, second: int32[N].
    """
    window, extra = memory(data), memory(added)
    others = 0
    for row in range(len(start)):
        source, _, at = source_of(window, extra, start[row])
        one = two = np.int32(0)
        if not control[row]:
            one, two, _ = indicators(source, at, at + np.int64(length[row]))
            others += 1 if one < 0 or two < 0 else 0
        first[row] = one
        second[row] = two
    return others
