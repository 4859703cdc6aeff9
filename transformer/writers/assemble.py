"""Tables -> MarcBatch: the three public MARC tables, or records that we make ourselves."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa

from transformer.errors import UsageError
from transformer.kernels import assemble as kernels
from transformer.marc import LEADER_LENGTH
from transformer.schema.batch import I32, I64, U8, MarcBatch
from transformer.writers.columns import number_column, tag_column, text_column, truth_column

SLACK: Final = 64
"""Bytes behind the last field that the kernel's wide copies may touch."""

_WRONG: Final = {
    kernels.FIELD_ORDER: ("field", "a field comes twice, or fields are not in order"),
    kernels.FIELD_WITHOUT_RECORD: ("field", "its record is not in the record table, or not in order"),
    kernels.SUBFIELD_WITHOUT_FIELD: (
        "subfield",
        "its field is not in the field table, is a control field, or is not in order",
    ),
}


def from_tables(record: pa.Table, field: pa.Table, subfield: pa.Table) -> MarcBatch:
    """The records of the three tables of `schema.marc`, in their inner form.

    Needed columns: record (record_no, leader; byte_start and byte_count if they are there), field
    (record_no, field_no, tag, ind1, ind2, value, is_control), subfield (record_no, field_no, code, value).
    Each table is ordered by its numbers; numbers may have gaps. Null counts as empty; an empty indicator
    of a data field becomes a blank. A field's first subfield with empty code and some text is the text
    before the first delimiter; one with empty code and no text is a delimiter with nothing behind it.
    `value` of data fields and indicators of control fields are not looked at.

    Raises UsageError where rows are out of order, a field has no record, a subfield no data field, a
    leader is not 24 bytes or a tag not three.
    """
    record_no = _record_numbers(record)
    field_numbers = (number_column(field.column("record_no")), number_column(field.column("field_no")))
    subfield_numbers = (
        number_column(subfield.column("record_no")),
        number_column(subfield.column("field_no")),
    )
    control = truth_column(field.column("is_control"))
    ind1, ind2, value = (text_column(field.column(name)) for name in ("ind1", "ind2", "value"))
    code, text = (text_column(subfield.column(name)) for name in ("code", "value"))
    leaders, leader = _leaders(record)
    used = len(leaders)
    size = used + 2 * len(control) + len(text[2]) + SLACK
    size += sum(int(lengths.sum()) for _, _, lengths in (ind1, ind2, value, code, text))
    out = np.empty(size, np.uint8)
    out[:used] = leaders
    field_from = np.zeros(len(record_no) + 1, np.int64)
    start, length = np.zeros(len(control), np.int64), np.zeros(len(control), np.int32)
    state, row, used = kernels.assemble(
        record_no, *field_numbers, control, *ind1, *ind2, *value,
        *subfield_numbers, *code, *text, used, out, field_from, start, length,
    )  # fmt: skip
    if state != kernels.DONE:
        assert state != kernels.FULL, "the capacity is the sum of all texts"
        name, what = _WRONG[state]
        raise UsageError(what, f"table {name}, row {row}", next_step="Order the rows by their numbers.")
    return _batch(out[:used], record, record_no, leader, field_from, field, start, length, control)


def from_fields(leaders: pa.Table, fields: pa.Table) -> MarcBatch:
    """Records we make ourselves: leaders (record_no, leader), fields (record_no, tag, is_control, inner).

    `inner` is the field in the inner form of `schema.batch`, as a string. Both ordered by record_no,
    fields in the order wanted; a record may have no field. No text is looked at.
    Raises UsageError where rows are out of order, a field has no record, a leader is not 24 bytes or a tag
    not three.
    """
    record_no = _record_numbers(leaders)
    owner = number_column(fields.column("record_no"))
    index = np.minimum(np.searchsorted(record_no, owner), max(len(record_no) - 1, 0))
    wrong = np.diff(owner, prepend=owner[:1]) < 0
    wrong |= record_no[index] != owner if len(record_no) else True
    if wrong.any():
        raise UsageError(
            "a field is not in order, or belongs to no record", f"table fields, row {int(wrong.argmax())}",
            next_step="Order the rows by record_no.",
        )  # fmt: skip
    leader_bytes, leader = _leaders(leaders)
    inner, start, length = text_column(fields.column("inner"))
    field_from = np.append(np.searchsorted(owner, record_no), len(owner)).astype(np.int64)
    data = np.concatenate((leader_bytes, inner))
    return _batch(
        data, leaders, record_no, leader, field_from, fields, start + len(leader_bytes),
        length.astype(np.int32), truth_column(fields.column("is_control")),
    )  # fmt: skip


def _record_numbers(record: pa.Table) -> I64:
    """record_no of the record table; they must rise."""
    numbers = number_column(record.column("record_no"))
    if np.any(np.diff(numbers) <= 0):
        raise UsageError(
            "records are not in order, or a number comes twice", "record_no",
            next_step="Order the rows by record_no.",
        )  # fmt: skip
    return numbers


def _leaders(record: pa.Table) -> tuple[U8, I64]:
    """(bytes of all leaders, start of each)."""
    data, start, length = text_column(record.column("leader"))
    wrong = np.flatnonzero(length != LEADER_LENGTH)
    if len(wrong):
        raise UsageError(
            f"a leader is {int(length[wrong[0]])} bytes long", f"record, row {int(wrong[0])}",
            "24 ASCII characters",
        )  # fmt: skip
    if len(start):
        data, start = data[start[0] : start[-1] + LEADER_LENGTH], start - start[0]
    return data, start


def _batch(
    data: U8, record: pa.Table, record_no: I64, leader: I64, field_from: I64,
    field: pa.Table, start: I64, length: I32, control: U8,
) -> MarcBatch:  # fmt: skip
    """The batch; spans are those of the record table, or 0 where it has none."""
    spans = [
        number_column(record.column(name))
        if name in record.column_names
        else np.zeros(len(record_no), np.int64)
        for name in ("byte_start", "byte_count")
    ]
    return MarcBatch(
        data=data,
        added=np.empty(0, np.uint8),
        record_no=record_no,
        leader=np.ascontiguousarray(leader),
        field_from=field_from,
        byte_start=spans[0],
        byte_count=spans[1],
        tag=tag_column(field.column("tag")),
        start=start,
        length=length,
        control=control,
    )
