"""What a field spec means, the slow way: the values of one record, one field after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.reference.batches import Field, Record
from tests.reference.subfield import parts
from transformer.extracts.fieldspec import ANY, FieldSpec


def part_of(value: bytes, spec: FieldSpec) -> str | None:
    """The bytes of a control field that a spec wants; characters that would be cut are left out."""
    if not spec.is_slice:
        return value.decode()
    if spec.first >= max(len(value), 1):
        return None
    return value[spec.first : spec.last + 1].decode("utf-8", "ignore")


def values_of(record: Record, spec: FieldSpec) -> list[str]:
    """All values of a record, in the order of its fields."""
    found: list[str | None] = []
    if spec.tag == "LDR":
        return [part for part in [part_of(record.leader, spec)] if part is not None]
    for field in record.fields:
        if field.tag == spec.tag:
            found += values_of_field(field, spec)
    return [value for value in found if value is not None]


def values_of_field(field: Field, spec: FieldSpec) -> list[str | None]:
    if field.control:
        return [] if spec.codes else [part_of(field.inner, spec)]
    if spec.is_slice:
        return []
    first, second, pairs = parts(field.inner)
    if spec.ind1 not in (ANY, first) or spec.ind2 not in (ANY, second):
        return []
    chosen = [value for code, value in pairs if code and (not spec.codes or code in spec.codes)]
    if len(spec.codes) == 1:
        return list(chosen)
    return [" ".join(chosen)] if chosen else []


def column(record: Record, spec: FieldSpec, repeat: str) -> Any:
    values = values_of(record, spec)
    if repeat == "list":
        return values
    if not values:
        return None
    return values[0] if repeat == "first" else "\x1f".join(values)


def field_rows(
    records: Sequence[Record], tag: str, codes: Mapping[str, str], separator: str
) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    for record_no, record in enumerate(records):
        occurrence = 0
        for field_no, field in enumerate(record.fields):
            if field.tag != tag:
                continue
            first, second, pairs = (None, None, []) if field.control else parts(field.inner)
            row = {"record_no": record_no, "field_no": field_no, "occurrence": occurrence}
            row |= {"ind1": first, "ind2": second}
            for name, wanted in codes.items():
                values = [value for code, value in pairs if code and (not wanted or code in wanted)]
                if field.control and not wanted:
                    values = [field.inner.decode()]
                row[name] = separator.join(values) if values else None
            rows.append(row)
            occurrence += 1
    return rows
