"""One field of the flat tables back to its bytes, and a record to the flat tables, slowly and plainly."""

from __future__ import annotations

from typing import Any

from tests.reference.batches import Field, Record

Row = dict[str, Any]


def rows(records: list[Record]) -> tuple[list[Row], list[Row], list[Row]]:
    """(record, field, subfield) rows of the records, record_no by place."""
    record, field, subfield = [], [], []
    for r, one in enumerate(records):
        record.append({"record_no": r, "leader": one.leader.decode()})
        for f, it in enumerate(one.fields):
            inner = it.inner.decode()
            place = {"record_no": r, "field_no": f, "tag": it.tag}
            if it.control:
                field.append(place | {"ind1": None, "ind2": None, "value": inner, "is_control": True})
                continue
            before, *parts = inner.split("\x1f")
            field.append(place | {"ind1": before[0], "ind2": before[1], "value": None, "is_control": False})
            pairs = [(p[:1], p[1:]) for p in parts]
            if before[2:]:
                pairs.insert(0, ("", before[2:]))
            subfield += [place | {"subfield_no": s, "code": c, "value": v} for s, (c, v) in enumerate(pairs)]
    return record, field, subfield


def assembled(field: Row, subfields: list[Row]) -> Field:
    """The field of a row of the field table and its rows of the subfield table."""
    if field["is_control"]:
        return Field(field["tag"], (field["value"] or "").encode(), True)
    inner = (field["ind1"] or " ") + (field["ind2"] or " ")
    for number, subfield in enumerate(subfields):
        code, value = subfield["code"] or "", subfield["value"] or ""
        inner += value if number == 0 and not code and value else f"\x1f{code}{value}"
    return Field(field["tag"], inner.encode())
