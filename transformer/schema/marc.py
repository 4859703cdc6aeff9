"""The three public MARC tables: record, field, subfield. Flat, ordered, and joined by numbers.

Order is file order: by record_no, field_no, subfield_no. A user may query them or write them to
Parquet; later parts rely on the names. Strings may arrive as plain, dictionary or view arrays; the
schemas below give the plain form that files carry.
"""

from __future__ import annotations

import pyarrow as pa


def column(name: str, kind: pa.DataType, sentence: str, *, personal: bool = False) -> pa.Field:
    """An Arrow field with its sentence (metadata `doc`) and, for personal data, `personal` = `1`."""
    metadata = {"doc": sentence} | ({"personal": "1"} if personal else {})
    return pa.field(name, kind, metadata=metadata)


RECORD = pa.schema(
    [
        column("record_no", pa.int64(), "Number of the record in its extract, from 0, in file order."),
        column("control_number", pa.string(), "Value of the first 001; null where there is none."),
        column("leader", pa.string(), "The 24 characters of the leader as read."),
        column("kind", pa.string(), "bib, holdings or authority, from leader/06."),
        column("container", pa.string(), "Container it came in: iso2709 or marcxml."),
        column("encoding", pa.string(), "Character set it was decoded from."),
        column("status", pa.string(), "record, or repaired."),
        column("source_file", pa.string(), "Name of the extract file, without folder."),
        column("member", pa.string(), "Name inside an archive; empty for a plain file."),
        column("byte_start", pa.int64(), "Offset of the record in the unpacked file, in bytes."),
        column("byte_count", pa.int64(), "Length of the record in the unpacked file, in bytes."),
    ]
)

FIELD = pa.schema(
    [
        column("record_no", pa.int64(), "Record the field belongs to."),
        column("field_no", pa.int32(), "Number of the field in its record, from 0."),
        column("tag", pa.string(), "Three characters."),
        column("ind1", pa.string(), "First indicator; null for control fields."),
        column("ind2", pa.string(), "Second indicator; null for control fields."),
        column("value", pa.string(), "Value of a control field; null for data fields."),
        column(
            "is_control", pa.bool_(), "True for a control field: a property of the field, not of its tag."
        ),
    ]
)

SUBFIELD = pa.schema(
    [
        column("record_no", pa.int64(), "Record the subfield belongs to."),
        column("field_no", pa.int32(), "Field the subfield belongs to."),
        column("subfield_no", pa.int32(), "Number of the subfield in its field, from 0."),
        column("tag", pa.string(), "Tag of its field."),
        column("code", pa.string(), "One character; empty for bytes before the field's first delimiter."),
        column("value", pa.string(), "Text of the subfield, valid UTF-8, as read."),
    ]
)
