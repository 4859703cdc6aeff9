"""Chosen parts of records as columns: one row a record, or one row a field of one tag.

The fast way to what a rule or a user asks for: no table of subfields is made. Strings are plain Arrow
strings with text of their own, so that the window can be let go.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import pyarrow as pa

from transformer.errors import UsageError
from transformer.extracts.fieldspec import ANY, LEADER, FieldSpec, parse_field_spec
from transformer.kernels.pivot import (
    CODES,
    FIRST,
    JOIN,
    LIST,
    MAX_COLUMNS,
    OTHER_CODE,
    Plan,
    Room,
    pick,
    pivot,
)
from transformer.kernels.subfield import EMPTY, fill_indicators
from transformer.marc import LEADER_LENGTH, MAX_RECORD_BYTES, pack_tag
from transformer.readers.tables import character_array
from transformer.schema.batch import I64, MarcBatch

SEPARATOR: Final = "\x1f"
"""Joins several values into one string: the one character that no value of a subfield has."""

_REPEATS: Final = {"first": FIRST, "list": LIST, "join": JOIN}
Spec = str | FieldSpec
_SPARE: Final = 64
_SOME: Final = 500
_MORE: Final = 1 << 14
"""Rows from which the room of a column is guessed, and bytes that it gets beyond the guess."""
_NO_ROW: Final = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class _Column:
    """One wanted column: its name, where it comes from, and what becomes of several values."""

    name: str
    spec: FieldSpec
    repeat: int
    glue: bool


def record_columns(
    batch: MarcBatch, specs: Sequence[Spec | tuple[Spec, str]], repeat: str = "first"
) -> pa.Table:
    """One row a record, in file order: `record_no`, and a column for each field spec, named by its text.

    specs: field specs (extracts/fieldspec.py), or pairs of a spec and its own repeat. repeat: `first`,
    the first value, as string; `list`, all values in record order, as list of strings (empty where there
    is none); `join`, all values, joined by U+001F, as string. A string is null where there is no value.
    Raises FieldSpecError, and UsageError for an unknown repeat.
    """
    columns = [_wanted(spec, repeat) for spec in specs]
    arrays = _pivoted(batch, columns, batch.leader, batch.field_from[:-1], batch.field_from[1:], SEPARATOR)
    names = ["record_no", *(column.name for column in columns)]
    return pa.table([pa.array(batch.record_no), *arrays], names=names)


def field_columns(
    batch: MarcBatch, tag: str, codes: Mapping[str, str], separator: str = SEPARATOR
) -> pa.Table:
    """One row for each field of a tag, in file order, with chosen subfields as columns.

    Columns: record_no int64; field_no int32; occurrence int32, counted from 0 among the fields of the
    tag in the record; ind1, ind2, null for control fields; and for each name of `codes` (name -> one or
    more subfield codes) a string: the subfields with these codes, joined with the separator in the order
    of the field, null where there is none. No codes at all: the value of a control field.
    """
    fields = np.flatnonzero(batch.tag == np.uint32(pack_tag(tag)))
    record = np.searchsorted(batch.field_from, fields, side="right") - 1
    columns = [
        _Column(name, FieldSpec(name, tag, codes=wanted), JOIN, False) for name, wanted in codes.items()
    ]
    arrays = _pivoted(batch, columns, _NO_ROW, fields, fields + 1, separator)
    first, second = np.empty(len(fields), np.int32), np.empty(len(fields), np.int32)
    control = batch.control[fields]
    others = fill_indicators(
        batch.data, batch.added, batch.start[fields], batch.length[fields], control, first, second
    )
    is_data = pa.py_buffer(np.packbits(control == 0, bitorder="little"))
    places = [
        pa.array(batch.record_no[record]),
        pa.array((fields - batch.field_from[record]).astype(np.int32)),
        pa.array(_occurrence(record)),
        character_array(first, others, is_data).cast(pa.string()),
        character_array(second, others, is_data).cast(pa.string()),
    ]
    names = ["record_no", "field_no", "occurrence", "ind1", "ind2", *codes]
    return pa.table([*places, *arrays], names=names)


VALUES: Final = pa.schema([("record_no", pa.int64()), ("field_no", pa.int32()), ("value", pa.string())])
"""Columns of `value_rows`."""


def value_rows(batch: MarcBatch, spec: Spec) -> pa.RecordBatch:
    """One row for each value that a field spec means, in record order; columns of `VALUES`.

    field_no: the field it stands in, from 0 in the record; null for the leader. Raises FieldSpecError.
    """
    column = _wanted(spec, "list")
    if column.spec.tag == LEADER:
        record = np.arange(batch.record_count)
        fields = np.zeros(batch.record_count, np.int64)
        leader = batch.leader
    else:
        fields = np.flatnonzero(batch.tag == np.uint32(pack_tag(column.spec.tag)))
        record = np.searchsorted(batch.field_from, fields, side="right") - 1
        leader = _NO_ROW
    rows_to = fields if column.spec.tag == LEADER else fields + 1
    (values,) = _pivoted(batch, [column], leader, fields, rows_to, SEPARATOR)
    count = np.diff(values.offsets.to_numpy())
    number = np.repeat((fields - batch.field_from[record]).astype(np.int32), count)
    columns = [
        pa.array(np.repeat(batch.record_no[record], count)),
        pa.nulls(len(number), pa.int32()) if column.spec.tag == LEADER else pa.array(number),
        values.values,
    ]
    return pa.RecordBatch.from_arrays(columns, schema=VALUES)


def _wanted(spec: Spec | tuple[Spec, str], repeat: str) -> _Column:
    """A spec, or a spec and its repeat, as a column."""
    if isinstance(spec, tuple):
        spec, repeat = spec
    if repeat not in _REPEATS:
        raise UsageError(f"there is no repeat {repeat!r}", expected=", ".join(_REPEATS))
    parsed = parse_field_spec(spec) if isinstance(spec, str) else spec
    return _Column(parsed.text, parsed, _REPEATS[repeat], len(parsed.codes) != 1)


def _occurrence(record: I64) -> pa.Array:
    """0, 1, 2 ... within each run of equal numbers."""
    place = np.arange(len(record))
    begins = np.ones(len(record), bool)
    begins[1:] = record[1:] != record[:-1]
    return (place - np.maximum.accumulate(np.where(begins, place, 0))).astype(np.int32)


def _pivoted(
    batch: MarcBatch, columns: Sequence[_Column], leader: I64, row_from: I64, row_to: I64, separator: str
) -> list[pa.Array]:
    """The arrays of the columns, in their order; the kernel takes MAX_COLUMNS at a time, ordered by tag."""
    arrays: list[pa.Array] = [None] * len(columns)
    order = sorted(range(len(columns)), key=lambda place: columns[place].spec.tag)
    for at in range(0, len(order), MAX_COLUMNS):
        places = order[at : at + MAX_COLUMNS]
        plan = _plan(tuple(columns[place] for place in places), separator, len(leader) > 0)
        made = _run(batch, plan, leader, np.ascontiguousarray(row_from), np.ascontiguousarray(row_to))
        for place, array in zip(places, made, strict=True):
            arrays[place] = array
    return arrays


@lru_cache(maxsize=64)
def _plan(columns: tuple[_Column, ...], separator: str, has_leader: bool) -> Plan:
    """What the kernel needs to know of columns that are ordered by tag; without a leader, LDR is a field."""
    specs = [column.spec for column in columns]
    tags = sorted({spec.tag for spec in specs})
    group_from = np.searchsorted([spec.tag for spec in specs], [*tags, "\x7f"]).astype(np.int64)
    numbers = np.full(1000, -1, np.int64)
    odd = [tag for tag in tags if not (tag.isascii() and tag.isdigit())]
    for tag in set(tags) - set(odd):
        numbers[int(tag)] = tags.index(tag)
    fields = [tag for tag in odd if tag != LEADER or not has_leader]
    mask = np.zeros((len(tags), CODES), np.uint64)
    for number, spec in enumerate(specs):
        wanted = [*range(EMPTY), OTHER_CODE] if not spec.codes else [ord(code) for code in spec.codes]
        if not spec.is_slice:
            mask[tags.index(spec.tag), wanted] |= np.uint64(1 << number)
    return Plan(
        number_group=numbers,
        odd_tag=np.array([pack_tag(tag) for tag in fields], np.uint32),
        odd_group=np.array([tags.index(tag) for tag in fields], np.int64),
        leader_group=np.array([tags.index(LEADER) if LEADER in tags and has_leader else -1], np.int64),
        group_from=group_from,
        mask=mask,
        ind1=np.array([_indicator(spec.ind1) for spec in specs], np.int64),
        ind2=np.array([_indicator(spec.ind2) for spec in specs], np.int64),
        whole=np.array([not spec.codes for spec in specs], np.uint8),
        first=np.array([spec.first for spec in specs], np.int64),
        stop=np.array([spec.last + 1 if spec.is_slice else _END for spec in specs], np.int64),
        glue=np.array([column.glue for column in columns], np.uint8),
        repeat=np.array([column.repeat for column in columns], np.uint8),
        separator=np.frombuffer(bytearray(separator.encode()), np.uint8),
    )


_END: Final = max(MAX_RECORD_BYTES, LEADER_LENGTH) << 16
"""Beyond the end of any value."""


def _indicator(wanted: str) -> int:
    return -1 if wanted == ANY else ord(wanted)


def _run(batch: MarcBatch, plan: Plan, leader: I64, row_from: I64, row_to: I64) -> list[pa.Array]:
    """Guess the room, fill, and fill again if it was too small: one array a column.

    The guess is made from some rows. An even share of the tag's text was too small for an item's barcode
    beside 17 other subfields, so that every batch was filled twice (89,000 items: 0.100 s, so 0.058;
    37 columns of 69,000 records, where the leader had no room: 0.098 s, so 0.052).
    """
    rows, columns = len(row_from), len(plan.glue)
    groups = len(plan.group_from) - 1
    picked, picked_to = np.empty(int((row_to - row_from).sum()), np.int64), np.empty(rows, np.int64)
    sizes = np.zeros((2, groups), np.int64)
    pick(batch.tag, batch.length, row_from, row_to, plan, picked, picked_to, sizes)
    # A column is at most the text of its fields: each subfield gives up two bytes and takes a separator.
    fields, text = np.repeat(sizes, np.diff(plan.group_from), axis=1)
    if plan.leader_group[0] >= 0:
        at = int(plan.leader_group[0])
        text[plan.group_from[at] : plan.group_from[at + 1]] = LEADER_LENGTH * rows
        fields[plan.group_from[at] : plan.group_from[at + 1]] = rows
    around = (batch.data, batch.added, leader, batch.tag, batch.start, batch.length, batch.control)
    used, values = text + _SPARE, np.where(plan.repeat == LIST, 2 * fields + _SPARE, 0)
    if rows > 4 * _SOME:
        # The first rows, into no room at all: the kernel counts on.
        some = _room(columns, _SOME, 0 * used, 0 * values)
        pivot(*around, picked, picked_to[:_SOME], plan, some)
        used = np.minimum(used, some.used * rows * 3 // (2 * _SOME) + _MORE)
    room = _room(columns, rows, used, values)
    pivot(*around, picked, picked_to, plan, room)
    # Where values begin is asked for by lists only.
    lists_short = (room.values > np.diff(room.value_base)) & (plan.repeat == LIST)
    if lists_short.any() or (room.used > np.diff(room.text_base)).any():
        room = _room(columns, rows, room.used, room.values)
        pivot(*around, picked, picked_to, plan, room)
    return [_array(plan, room, column) for column in range(columns)]


def _room(columns: int, rows: int, used: I64, values: I64) -> Room:
    """Room for `rows` rows, and for that many bytes and values of each column."""
    row_to = np.empty((columns, rows + 1), np.int32)
    row_to[:, 0] = 0
    value_base = np.concatenate([[0], np.cumsum(values)]).astype(np.int64)
    text_base = np.concatenate([[0], np.cumsum(used)]).astype(np.int64)
    return Room(
        used=np.zeros(columns, np.int64),
        values=np.zeros(columns, np.int64),
        in_row=np.zeros(columns, np.int64),
        last_field=np.zeros(columns, np.int64),
        row_to=row_to,
        present=np.empty((columns, rows), np.uint8),
        value_base=value_base,
        value_from=np.empty(int(value_base[-1]), np.int32),
        text_base=text_base,
        text=np.empty(int(text_base[-1]), np.uint8),
    )


def _array(plan: Plan, room: Room, column: int) -> pa.Array:
    """One column as an Arrow array, with text of its own: the room was larger than need be."""
    rows = room.present.shape[1]
    begin, used = int(room.text_base[column]), int(room.used[column])
    text = pa.py_buffer(room.text[begin : begin + used].copy())
    row_to = pa.py_buffer(room.row_to[column])
    if plan.repeat[column] != LIST:
        present = room.present[column]
        valid = None if present.all() else pa.py_buffer(np.packbits(present, bitorder="little"))
        return pa.Array.from_buffers(pa.string(), rows, [valid, row_to, text])
    count, first = int(room.values[column]), int(room.value_base[column])
    begins = np.append(room.value_from[first : first + count], np.int32(used))
    values = pa.Array.from_buffers(pa.string(), count, [None, pa.py_buffer(begins), text])
    offsets = pa.Array.from_buffers(pa.int32(), rows + 1, [None, row_to])
    return pa.ListArray.from_arrays(offsets, values)
