"""From fields to columns: chosen values of each record, or of each field of a tag, side by side.

A row is a run of fields: all fields of a record, or one field. A column takes, of every field of its tag
with its indicators, the subfields with its codes, or the whole value of a control field, or a part of it.
Values go into one flat byte array, where each column has a region of its own, and offsets as Arrow
wants them.

Text is looked at once only, since a look costs a wait for memory: there is no counting pass, the caller
guesses the room from the lengths of the fields, and comes again where it was too small.

A value is one subfield, or all chosen subfields of a field joined by a blank (`glue`). Where a row has
several values: the first counts (FIRST), all are kept (LIST), or they are joined by the separator (JOIN).
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from transformer.kernels.bytesops import byte_at, copy16, prefetch, size_of, trailing_zeros
from transformer.kernels.copying import memory, poke
from transformer.kernels.jit import inlined, kernel
from transformer.kernels.subfield import (
    EMPTY,
    code_after,
    delimiter_after,
    delimiters64,
    indicators,
    source_of,
)
from transformer.marc import LEADER_LENGTH
from transformer.schema.batch import I32, I64, U8, U32

FIRST: Final = 0
LIST: Final = 1
JOIN: Final = 2

MAX_COLUMNS: Final = 64
OTHER_CODE: Final = EMPTY + 1
CODES: Final = OTHER_CODE + 1
"""Rows of `Plan.mask`: the ASCII characters, no code at all, and a code outside ASCII."""

_ONE = np.uint64(1)
_NONE = np.uint64(0)
_BLANK: Final = 0x20
# Fields to ask for ahead of time. Seven columns of 1M records: 0.91 s without, 0.66 s with one line of
# each field, 0.50 s with two (one core, one run).
_PREFETCH: Final = 8
_CACHE_LINE: Final = 64


class Plan(NamedTuple):
    """What is wanted: K columns (at most MAX_COLUMNS), ordered by group; a group is a tag. Read only.

    number_group: int64[1000], group of the tag of three digits, -1 if not wanted. odd_tag: uint32[M],
    other tags, packed, and odd_group: int64[M], their groups. leader_group: int64[1], group of the
    columns of the leader, -1 if there are none. group_from: int64[G + 1], columns of group g are
    group_from[g] .. group_from[g + 1]. mask: uint64[G, CODES], bit c set: column c wants that code.
    ind1, ind2: int64[K], wanted indicator, -1 for any. whole: uint8[K], takes values of control fields.
    first, stop: int64[K], the bytes of them that are wanted. glue: uint8[K], 1 = subfields of one field
    make one value. repeat: uint8[K], FIRST, LIST or JOIN. separator: uint8[n], for JOIN.
    """

    number_group: I64
    odd_tag: U32
    odd_group: I64
    leader_group: I64
    group_from: I64
    mask: np.ndarray[tuple[int, int], np.dtype[np.uint64]]
    ind1: I64
    ind2: I64
    whole: U8
    first: I64
    stop: I64
    glue: U8
    repeat: U8
    separator: U8


class Room(NamedTuple):
    """Where it goes, K columns and N rows; all of it is written. Sizes of values and bytes are a guess.

    used: int64[K], bytes of each column; values: int64[K], values of each: the sums, however much room
    there was. in_row, last_field: int64[K], for the kernel's own use. row_to: int32[K, N + 1], where each
    row ends in bytes (FIRST, JOIN) or in values (LIST), from 0 on; present: uint8[K, N], 1 = not null.
    value_base: int64[K + 1] and value_from: int32[V], where each value of column c begins, from
    value_base[c] on, for LIST only; text_base: int64[K + 1] and text: uint8[B], from text_base[c] on.
    """

    used: I64
    values: I64
    in_row: I64
    last_field: I64
    row_to: np.ndarray[tuple[int, int], np.dtype[np.int32]]
    present: np.ndarray[tuple[int, int], np.dtype[np.uint8]]
    value_base: I64
    value_from: I32
    text_base: I64
    text: U8


@inlined
def append(column, source, at, count, room):  # type: ignore[no-untyped-def]
    """source[at:at + count] to the end of a column's bytes; dropped where there is no room."""
    to = memory(room.text)
    end = room.text_base[column + 1]
    place = room.text_base[column] + room.used[column]
    done = 0
    while done < count and place + done + 16 <= end and at + done + 16 <= size_of(source):
        copy16(to, place + done, source, at + done)
        done += 16
    while done < count and place + done < end:
        poke(to, place + done, byte_at(source, at + done))
        done += 1
    room.used[column] += count


@inlined
def put(column, field, source, at, count, plan, room):  # type: ignore[no-untyped-def]
    """One piece of text for a column: a new value of the row, or more of the value of this field."""
    if plan.glue[column] and room.last_field[column] == field:
        place = room.text_base[column] + room.used[column]
        if place < room.text_base[column + 1]:
            room.text[place] = _BLANK
        room.used[column] += 1
    else:
        if room.in_row[column] > 0:
            if plan.repeat[column] == FIRST:
                return
            if plan.repeat[column] == JOIN:
                append(column, memory(plan.separator), 0, len(plan.separator), room)
        place = room.value_base[column] + room.values[column]
        if place < room.value_base[column + 1]:
            room.value_from[place] = room.used[column]
        room.in_row[column] += 1
        room.values[column] += 1
        room.last_field[column] = field
    append(column, source, at, count, room)


@inlined
def put_whole(group, field, source, at, count, plan, room):  # type: ignore[no-untyped-def]
    """The value of a control field, or a part of it, for the columns of its group that want it."""
    for column in range(plan.group_from[group], plan.group_from[group + 1]):
        if not plan.whole[column] or plan.first[column] >= max(count, 1):
            continue
        begin = at + plan.first[column]
        end = at + min(count, plan.stop[column])
        while begin < end and byte_at(source, begin) & 0xC0 == 0x80:
            begin += 1
        while end > begin and end < at + count and byte_at(source, end) & 0xC0 == 0x80:
            end -= 1
        put(column, field, source, begin, end - begin, plan, room)


@inlined
def put_subfields(group, field, source, at, count, plan, room):  # type: ignore[no-untyped-def]
    """The subfields of a data field for the columns of its group that want them."""
    end = at + count
    one, two, value = indicators(source, at, end)
    active = _NONE
    for column in range(plan.group_from[group], plan.group_from[group + 1]):
        first, second = plan.ind1[column], plan.ind2[column]
        full = plan.repeat[column] == FIRST and room.in_row[column] > 0
        if not full and (first < 0 or first == one) and (second < 0 or second == two):
            active |= _ONE << np.uint64(column)
    if active == _NONE:
        return
    delimiter, block, bits = delimiter_after(source, value, delimiters64(source, value, end), end)
    while delimiter < end:
        name, value = code_after(source, delimiter, end)
        delimiter, block, bits = delimiter_after(source, block, bits, end)
        hit = plan.mask[group, name if name >= 0 else OTHER_CODE] & active
        while hit != _NONE:
            column = trailing_zeros(hit)
            hit &= hit - _ONE
            put(column, field, source, value, delimiter - value, plan, room)


@inlined
def group_of(packed, plan):  # type: ignore[no-untyped-def]
    """Group of a packed tag, -1 if no column wants it."""
    number = np.int64(packed)
    first, second, third = (number >> 16) - 48, (number >> 8 & 0xFF) - 48, (number & 0xFF) - 48
    if 0 <= first <= 9 and 0 <= second <= 9 and 0 <= third <= 9:
        return plan.number_group[first * 100 + second * 10 + third]
    for place in range(len(plan.odd_tag)):
        if plan.odd_tag[place] == packed:
            return plan.odd_group[place]
    return np.int64(-1)


@kernel
def pick(
    tag: U32, length: I32, row_from: I64, row_to: I64, plan: Plan, picked: I64, picked_to: I64, sizes: I64
) -> None:
    """The fields that some column wants, in order: picked int64[F], those of row n up to picked_to[n].

    tag, length: as in `MarcBatch`. Row n has the fields row_from[n] .. row_to[n], int64[N], which do not
    overlap. sizes: int64[2, G], fields and bytes of each group are added to it.
    """
    filled = 0
    for row in range(len(row_from)):
        for field in range(row_from[row], row_to[row]):
            group = group_of(tag[field], plan)
            if group >= 0:
                picked[filled] = field
                filled += 1
                sizes[0, group] += 1
                sizes[1, group] += length[field]
        picked_to[row] = filled


@kernel
def pivot(
    data: U8,
    added: U8,
    leader: I64,
    tag: U32,
    start: I64,
    length: I32,
    control: U8,
    picked: I64,
    picked_to: I64,
    plan: Plan,
    room: Room,
) -> None:
    """Fill the columns of N rows from the fields that `pick` told.

    data .. control: as in `MarcBatch`, but leader is int64[N], one a row, and asked for only if there are
    columns of the leader. Nothing is written beyond the room given, but `used` and `values` count on:
    compare them with what was allocated, and come again with more.
    """
    window, extra = memory(data), memory(added)
    columns = len(plan.glue)
    at_field = 0
    for row in range(len(picked_to)):
        for column in range(columns):
            room.in_row[column] = 0
            room.last_field[column] = -1
        if plan.leader_group[0] >= 0 and row < len(leader):
            source, _, at = source_of(window, extra, leader[row])
            put_whole(plan.leader_group[0], -2, source, at, LEADER_LENGTH, plan, room)
        while at_field < picked_to[row]:
            field = picked[at_field]
            # Picked fields lie too far apart for the processor to foresee where it will look next.
            ahead = min(at_field + _PREFETCH, picked_to[-1] - 1)
            prefetch(window, start[picked[ahead]])
            prefetch(window, start[picked[ahead]] + _CACHE_LINE)
            source, _, at = source_of(window, extra, start[field])
            group, count = group_of(tag[field], plan), np.int64(length[field])
            if control[field]:
                put_whole(group, field, source, at, count, plan, room)
            else:
                put_subfields(group, field, source, at, count, plan, room)
            at_field += 1
        for column in range(columns):
            in_values = plan.repeat[column] == LIST
            room.row_to[column, row + 1] = room.values[column] if in_values else room.used[column]
            room.present[column, row] = 1 if room.in_row[column] > 0 else 0
