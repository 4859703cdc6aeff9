"""The batch of a reader while its text is decoded: what each field was and is, and the kernel's part of it.

New bytes go behind `added`, so that the window stays as it is and what needs no decoding is never touched.
"""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING, Any

import numpy as np

from transformer.extracts.charsets import UTF8
from transformer.extracts.composing import composed
from transformer.schema.batch import I32, I64, U8, MarcBatch

if TYPE_CHECKING:
    from transformer.kernels.iso2022 import CodeTables
    from transformer.kernels.nfc import Composition

_once = Lock()
_forms: dict[int, Any] = {}


@dataclass(slots=True)
class Work:
    """The batch while it is decoded: its fields' places, and what is known of each record.

    start, length: as in MarcBatch, by now. added: those of the batch, new bytes behind them; tail: more new
    bytes. names, encoding: as in ReadResult. faults: int32[R]. lost: uint8[R], no likely encoding. kind:
    uint8[F], record_kind: uint8[R], what fields and records were as they came (see `survey_fields`); fields
    of a record that is UNKNOWN have not been looked at. braces: `{u00E9}` is a character. references: so is
    `&#x6F22;` in MARC-8.
    """

    batch: MarcBatch
    added: U8
    start: I64
    length: I32
    names: list[str]
    encoding: U8
    faults: I32
    lost: U8
    tail: bytearray
    braces: bool
    kind: U8
    record_kind: U8
    references: bool = True

    def ascii(self) -> U8:
        """bool[R], which records were ASCII as they came."""
        from transformer.kernels.marc8_survey import HIGH

        self.survey()
        is_ascii: U8 = self.record_kind != HIGH
        return is_ascii

    def survey(self) -> None:
        """Look at all records that nobody has looked at."""
        from transformer.kernels.marc8_survey import UNKNOWN, survey_fields

        batch = self.batch
        survey_fields(
            batch.data, batch.added, batch.field_from, batch.start, batch.length, self.record_kind == UNKNOWN,
            self.braces, self.kind, self.record_kind,
        )  # fmt: skip

    def fields(self, record: int) -> range:
        """Indexes of a record's fields."""
        return range(int(self.batch.field_from[record]), int(self.batch.field_from[record + 1]))

    def raws(self, record: int) -> list[bytes]:
        """The bytes of a record's fields as they came."""
        batch, fields = self.batch, self.fields(record)
        places = zip(
            batch.start[fields.start : fields.stop].tolist(),
            batch.length[fields.start : fields.stop].tolist(),
            strict=True,
        )
        return [_cut(batch, start, length) for start, length in places]

    def now(self, field: int) -> bytes:
        """The bytes of a field as they are by now."""
        start, length = int(self.start[field]), int(self.length[field])
        place = -1 - start
        if place >= len(self.added):
            place -= len(self.added)
            return bytes(self.tail[place : place + length])
        if place >= 0:
            return self.added[place : place + length].tobytes()
        return _cut(self.batch, start, length)

    def put(self, field: int, text: bytes) -> None:
        """Give a field new bytes."""
        self.start[field] = -1 - len(self.added) - len(self.tail)
        self.length[field] = len(text)
        self.tail += text + b"\x1e"

    def reset(self, record: int) -> None:
        """A record's fields as they came."""
        fields = self.fields(record)
        self.start[fields.start : fields.stop] = self.batch.start[fields.start : fields.stop]
        self.length[fields.start : fields.stop] = self.batch.length[fields.start : fields.stop]
        self.faults[record] = 0

    def name(self, record: int | I64, encoding: str) -> None:
        """Say what one record, or several, are decoded from."""
        if encoding not in self.names:
            self.names.append(encoding)
        self.encoding[record] = self.names.index(encoding)

    def text(self, record: int) -> bytes:
        """All fields of a record as they came."""
        return b"\x1e".join(self.raws(record))

    def gather(self) -> U8:
        """All new bytes as one array."""
        if self.tail:
            self.added = np.concatenate([self.added, np.frombuffer(bytes(self.tail), np.uint8)])
            self.tail = bytearray()
        return self.added


def _cut(batch: MarcBatch, start: int, length: int) -> bytes:
    """Bytes of a batch from `start` on (see schema/batch.py)."""
    data, at = (batch.data, start) if start >= 0 else (batch.added, -1 - start)
    return bytes(data.data[at : at + length])


def begin(batch: MarcBatch, braces: bool, references: bool = True) -> Work:
    """Nothing decoded yet, nothing known."""
    from transformer.kernels.marc8_survey import UNKNOWN

    count = batch.record_count
    return Work(
        batch, batch.added, batch.start.copy(), batch.length.copy(), [UTF8], np.zeros(count, np.uint8),
        np.zeros(count, np.int32), np.zeros(count, np.uint8), bytearray(), braces,
        np.empty(batch.field_count, np.uint8), np.full(count, UNKNOWN, np.uint8),
        references,
    )  # fmt: skip


def by_kernel(work: Work, encoding: str, task: U8) -> None:
    """Decode the records that have a task, from what they were."""
    from transformer.extracts.code_tables import coding_of
    from transformer.kernels.marc8 import ROOM_FACTOR, ROOM_MORE, decode_fields
    from transformer.kernels.nfc import MAX_MARKS

    batch, coding = work.batch, coding_of(encoding, work.braces, work.references)
    assert coding is not None
    room = ROOM_FACTOR * int(batch.byte_count[task != 0].sum()) + ROOM_MORE
    before, used = len(work.gather()), -1
    while used < 0:
        out = np.empty(room, np.uint8)
        changed = np.zeros(batch.record_count, np.uint8)
        faults = np.zeros(batch.record_count, np.int32)
        unsure = np.zeros(batch.field_count, np.uint8)
        used = decode_fields(
            batch.data, batch.added, batch.field_from, task, batch.start, batch.length, batch.control,
            *_tables(coding.g1), coding, np.empty(MAX_MARKS + 4, np.int64), work.kind,
            work.record_kind, out, before, work.start, work.length, changed, faults, unsure,
        )  # fmt: skip
        room *= 2
    if used:
        work.name(np.flatnonzero(changed), encoding)
        work.added = np.concatenate([work.added, out[:used]]) if before else out[:used]
    work.faults += faults
    for field in np.flatnonzero(unsure):
        work.put(int(field), composed(work.now(int(field))))


def _tables(g1: int) -> tuple[CodeTables, Any, Composition]:
    """What the kernel looks up; made by the first thread that asks, while others wait.

    Each made its own, 50 ms with one interpreter between them.
    """
    from transformer.extracts.code_tables import code_tables
    from transformer.kernels.marc8 import short_forms
    from transformer.kernels.nfc import composition

    with _once:
        tables = code_tables()
        if g1 not in _forms:
            _forms[g1] = short_forms(tables.sets, g1)
        return tables, _forms[g1], composition()
