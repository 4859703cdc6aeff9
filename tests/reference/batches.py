"""MarcBatch from plain records and back, one record and one field at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from transformer.schema.batch import MarcBatch


@dataclass(frozen=True)
class Field:
    """tag: three characters. inner: bytes in the inner form."""

    tag: str
    inner: bytes
    control: bool = False


@dataclass(frozen=True)
class Record:
    leader: bytes
    fields: list[Field] = field(default_factory=list)


def packed(tag: str) -> int:
    return int.from_bytes(tag.encode("latin-1"), "big")


def batch_of(
    records: Iterable[Record], *, numbers: Iterable[int] | None = None, added: bool = False, gap: bytes = b""
) -> MarcBatch:
    """A batch of the records. added: every second text lies in `added`. gap: bytes between texts."""
    buffers = (bytearray(), bytearray())
    texts = 0

    def put(text: bytes) -> int:
        nonlocal texts
        texts += 1
        where = added and texts % 2 == 0
        buffer = buffers[where]
        buffer += gap if buffer else b""
        at = len(buffer)
        buffer += text
        return -1 - at if where else at

    records = list(records)
    leader, field_from, fields = [], [0], []
    for record in records:
        leader.append(put(record.leader))
        fields += [(packed(f.tag), put(f.inner), len(f.inner), f.control) for f in record.fields]
        field_from.append(len(fields))
    columns = list(zip(*fields, strict=True)) or [(), (), (), ()]
    count = len(records)
    return MarcBatch(
        data=np.frombuffer(bytes(buffers[0]), np.uint8).copy(),
        added=np.frombuffer(bytes(buffers[1]), np.uint8).copy(),
        record_no=np.array(list(range(count)) if numbers is None else list(numbers), np.int64),
        leader=np.array(leader, np.int64),
        field_from=np.array(field_from, np.int64),
        byte_start=np.zeros(count, np.int64),
        byte_count=np.zeros(count, np.int64),
        tag=np.array(columns[0], np.uint32),
        start=np.array(columns[1], np.int64),
        length=np.array(columns[2], np.int32),
        control=np.array(columns[3], np.uint8),
    )


def records_of(batch: MarcBatch) -> list[Record]:
    """The records of a batch, as bytes."""

    def text(start: int, length: int) -> bytes:
        source, at = (batch.data, start) if start >= 0 else (batch.added, -1 - start)
        return source[at : at + length].tobytes()

    return [
        Record(
            text(int(batch.leader[r]), 24),
            [
                Field(
                    int(batch.tag[f]).to_bytes(3, "big").decode("latin-1"),
                    text(int(batch.start[f]), int(batch.length[f])),
                    bool(batch.control[f]),
                )
                for f in range(int(batch.field_from[r]), int(batch.field_from[r + 1]))
            ],
        )
        for r in range(batch.record_count)
    ]


def from_iso2709(data: bytes) -> list[Record]:
    """Records of well-formed ISO 2709, cut by the directory as the standard has it; tags 00X are control
    fields."""
    records = []
    while data:
        total, base = int(data[:5]), int(data[12:17])
        one, data = data[:total], data[total:]
        fields = []
        for at in range(24, base - 1, 12):
            tag, length, start = one[at : at + 3], int(one[at + 3 : at + 7]), int(one[at + 7 : at + 12])
            inner = one[base + start : base + start + length - 1]
            fields.append(Field(tag.decode("latin-1"), inner, tag.startswith(b"00")))
        records.append(Record(one[:24], fields))
    return records
