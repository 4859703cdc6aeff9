"""Edits: from the tables that rules make to arrays, and from a batch to the edited batch.

Field bytes are not copied: the edited batch shares `data` with its source and has new offsets.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from transformer.errors import UsageError
from transformer.kernels import edit as kernels
from transformer.marc import LEADER_LENGTH, pack_tag
from transformer.schema.batch import I32, I64, U8, U32, Edits, MarcBatch
from transformer.writers.columns import number_column, tag_column, text_column, truth_column

NO_BYTES: Final[U8] = np.empty(0, np.uint8)


def no_edits(batch: MarcBatch) -> Edits:
    """Edits that change nothing."""
    return edits_from_tables(batch)


def apply_edits(batch: MarcBatch, edits: Edits) -> MarcBatch:
    """The batch as it is to be after the edits; records with keep = 0 are gone.

    A new field goes after the last field of its tag; where there is none, before the first field with a
    higher tag; else to the end. All else stays in source order; a changed field keeps its place, with
    another tag too. Raises nothing; `edits` must fit the batch (see `Edits`).
    """
    kept = np.flatnonzero(edits.keep)
    capacity = batch.field_count + len(edits.new_record)
    shift = len(batch.added)
    field_from = np.zeros(len(kept) + 1, np.int64)
    tag, start = np.empty(capacity, np.uint32), np.empty(capacity, np.int64)
    length, control = np.empty(capacity, np.int32), np.empty(capacity, np.uint8)
    used = kernels.edit_records(
        batch.field_from, batch.tag, batch.start, batch.length, batch.control,
        edits.keep, edits.drop,
        edits.changed_field, edits.changed_tag, edits.changed_start, edits.changed_length,
        edits.changed_control,
        edits.new_record, edits.new_tag, edits.new_start, edits.new_length, edits.new_control, shift,
        field_from, tag, start, length, control,
    )  # fmt: skip
    assert used >= 0, "the capacity is all fields and all new ones"
    new_leader = edits.leader[kept]
    return MarcBatch(
        data=batch.data,
        added=np.concatenate((batch.added, edits.added)) if shift else edits.added,
        record_no=batch.record_no[kept],
        leader=np.where(new_leader >= 0, -1 - shift - new_leader, batch.leader[kept]),
        field_from=field_from,
        byte_start=batch.byte_start[kept],
        byte_count=batch.byte_count[kept],
        tag=tag[:used],
        start=start[:used],
        length=length[:used],
        control=control[:used],
    )


def edits_from_tables(
    batch: MarcBatch,
    *,
    keep: npt.NDArray[np.bool_] | U8 | None = None,
    drop: pa.Table | None = None,
    drop_tags: frozenset[str] = frozenset(),
    changed: pa.Table | None = None,
    new: pa.Table | None = None,
    leader: pa.Table | None = None,
) -> Edits:
    """Edits of this batch out of tables that may speak of many more records.

    keep: one value a record of the batch, 0 = does not go out; None = all stay. drop: (record_no,
    field_no). drop_tags: fields with these tags are dropped as well. changed: (record_no, field_no, tag,
    is_control, inner), one row a field. new: (record_no, tag, is_control, inner), in the order wanted.
    leader: (record_no, leader), one row a record. `inner` is the field as a string in the inner form of
    `schema.batch`. A field both dropped and changed is dropped.

    Every table is ordered by record_no, `drop` and `changed` by field_no within it. Rows whose record_no
    is not in the batch are left out, also those between its first and last number: their record was set
    aside or lies elsewhere; `ignored_rows` counts these. Raises UsageError where a table is not ordered,
    names a field that its record does not have, or has two rows where one is due.
    """
    drop_flags = _drop_flags(batch, drop, drop_tags)
    place, tag, start, length, control, inner = _inner_rows(batch, changed, with_field_no=True)
    _rising(place, "changed", strictly=True)
    record, new_tag, new_start, new_length, new_control, new_inner = _inner_rows(
        batch, new, with_field_no=False
    )
    leaders = np.full(batch.record_count, -1, np.int64)
    leader_bytes = NO_BYTES
    if leader is not None:
        rows, index = _rows_of(batch, leader, "leader")
        _rising(index, "leader", strictly=True)
        leader_bytes, at, size = text_column(rows.column("leader"))
        if np.any(size != LEADER_LENGTH):
            raise UsageError("a leader is not 24 bytes long", "leader", "24 ASCII characters")
        leaders[index] = at + len(inner) + len(new_inner)
    return Edits(
        keep=np.ones(batch.record_count, np.uint8) if keep is None else np.array(keep, np.uint8),
        leader=leaders,
        drop=drop_flags,
        changed_field=place,
        changed_tag=tag,
        changed_start=start,
        changed_length=length,
        changed_control=control,
        new_record=record,
        new_tag=new_tag,
        new_start=new_start + len(inner),
        new_length=new_length,
        new_control=new_control,
        added=np.concatenate((inner, new_inner, leader_bytes)),
    )


def ignored_rows(batch: MarcBatch, table: pa.Table) -> int:
    """Rows that name a number between the batch's first and last record, but none of its records."""
    if not batch.record_count:
        return 0
    numbers = number_column(table.column("record_no"))
    inside = numbers[(numbers >= batch.record_no[0]) & (numbers <= batch.record_no[-1])]
    return int(np.count_nonzero(~np.isin(inside, batch.record_no)))


def _drop_flags(batch: MarcBatch, drop: pa.Table | None, drop_tags: frozenset[str]) -> U8:
    """uint8[F], 1 = dropped by row or by tag."""
    flags = np.zeros(batch.field_count, np.uint8)
    if drop_tags:
        flags |= np.isin(batch.tag, np.array([pack_tag(t) for t in sorted(drop_tags)], np.uint32))
    if drop is not None:
        rows, index = _rows_of(batch, drop, "drop")
        flags[_field_index(batch, index, rows, "drop")] = 1
    return flags


def _inner_rows(
    batch: MarcBatch, table: pa.Table | None, *, with_field_no: bool
) -> tuple[I64, U32, I64, I32, U8, U8]:
    """Rows of `changed` or `new`: (field or record index, tag, start, length, control, bytes)."""
    name = "changed" if with_field_no else "new"
    if table is None:
        none = np.empty(0, np.int64)
        return none, none.astype(np.uint32), none, none.astype(np.int32), none.astype(np.uint8), NO_BYTES
    rows, index = _rows_of(batch, table, name)
    if with_field_no:
        index = _field_index(batch, index, rows, name)
    data, start, length = text_column(rows.column("inner"))
    if len(start):  # a slice shares the bytes of its whole table: take only its part
        first, last = int(start[0]), int(start[-1] + length[-1])
        data, start = data[first:last], start - first
    control = truth_column(rows.column("is_control"))
    return index, tag_column(rows.column("tag")), start, length.astype(np.int32), control, data


def _rows_of(batch: MarcBatch, table: pa.Table, name: str) -> tuple[pa.Table, I64]:
    """(rows of the table that belong to the batch's records, record index of each)."""
    numbers = number_column(table.column("record_no"))
    _rising(numbers, name, strictly=False)
    if not batch.record_count:
        return table.slice(0, 0), np.empty(0, np.int64)
    low, high = np.searchsorted(numbers, (batch.record_no[0], batch.record_no[-1] + 1)).tolist()
    numbers = numbers[low:high]
    first = batch.record_no[0]
    if int(batch.record_no[-1] - first) + 1 == batch.record_count:  # no number between is missing
        return table.slice(low, high - low), numbers - first
    index = np.searchsorted(batch.record_no, numbers)
    here = batch.record_no[index] == numbers
    rows = table.slice(low, high - low)
    if not here.all():
        rows, index = rows.filter(pa.array(here)), index[here]
    return rows, index.astype(np.int64)


def _field_index(batch: MarcBatch, record: I64, rows: pa.Table, name: str) -> I64:
    """Index of each row's field in the batch, from its record's index and its field_no."""
    field_no = number_column(rows.column("field_no"))
    place: I64 = batch.field_from[record] + field_no
    wrong = np.flatnonzero((field_no < 0) | (place >= batch.field_from[record + 1]))
    if len(wrong):
        row = int(wrong[0])
        where = f"{name}: record_no {int(batch.record_no[record[row]])}, field_no {int(field_no[row])}"
        raise UsageError("the record has no such field", where, "a field_no of the record, from 0")
    return place


def _rising(numbers: I64, name: str, *, strictly: bool) -> None:
    """Raises UsageError unless the numbers rise."""
    steps = np.diff(numbers)
    if np.any(steps < (1 if strictly else 0)):
        what = "two rows say what becomes of one thing" if strictly else "the rows are not in order"
        raise UsageError(what, f"table {name}", "rows ordered by record_no and field_no")
