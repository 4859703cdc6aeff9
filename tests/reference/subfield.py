"""Rows of the field and subfield tables, the slow way: one field at a time, as text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.reference.batches import Record

Row = dict[str, Any]


def parts(inner: bytes) -> tuple[str, str, list[tuple[str, str]]]:
    """(first indicator, second indicator, [(code, value), ...]) of a data field."""
    before, *rest = inner.decode().split("\x1f")
    pairs = [("", before[2:])] if before[2:] else []
    pairs += [(piece[:1], piece[1:]) for piece in rest]
    return before[:1] or " ", before[1:2] or " ", pairs


def field_rows(records: Sequence[Record]) -> list[Row]:
    rows: list[Row] = []
    for record_no, record in enumerate(records):
        for field_no, field in enumerate(record.fields):
            first, second, _ = (None, None, None) if field.control else parts(field.inner)
            rows.append({
                "record_no": record_no, "field_no": field_no, "tag": field.tag, "ind1": first, "ind2": second,
                "value": field.inner.decode() if field.control else None, "is_control": field.control,
            })  # fmt: skip
    return rows


def subfield_rows(records: Sequence[Record], tags: frozenset[str] | None = None) -> list[Row]:
    rows: list[Row] = []
    for record_no, record in enumerate(records):
        for field_no, field in enumerate(record.fields):
            if field.control or (tags is not None and field.tag not in tags):
                continue
            for subfield_no, (code, value) in enumerate(parts(field.inner)[2]):
                rows.append({
                    "record_no": record_no, "field_no": field_no, "subfield_no": subfield_no,
                    "tag": field.tag, "code": code, "value": value,
                })  # fmt: skip
    return rows
