r"""Mnemonic text (.mrk of MARCMaker and MarcEdit): spans, partitions, and batches of records.

What a record and a field is stands in kernels/mnemonic.py. Names in braces come from `rules/base/
mnemonics.csv`. A name of a combining mark stands before its letter, as in MARC-8: the mark goes behind the
letter, and the two are composed (NFC); other text keeps its form. A name that the table does not know stays
as it is, braces and all. A record that is not UTF-8 is decoded first (see `recoding`); one with {esc} is in
MARC-8 (see `mnemonic_marc8`).

Notes: `mnemonic-unknown`, and of repaired records `line-continued`, `delimiter-in-value`,
`leader-missing`, `leader-short`, `leader-padded`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from transformer import marc
from transformer.extracts.mnemonics import names
from transformer.extracts.model import PARTITION_BYTES, Partition, Source
from transformer.kernels import mnemonic as kernels
from transformer.kernels.text_lines import LEADER_PADDED, LEADER_SHORT
from transformer.readers import walk
from transformer.readers.mnemonic_marc8 import apart, together
from transformer.readers.recoding import Dialect, recoded
from transformer.schema.batch import I64, SPAN_RECORD, U8, MarcBatch, ReadResult, Spans

BOUNDS: Final = walk.Bounds(kernels.find_spans, kernels.MOST, kernels.AHEAD)

_NUMBER: Final = re.compile(r"\{u[0-9A-Fa-f]{4,6}\}")
_NAMED: Final = re.compile("\x1d([^\x1e]*)\x1e")
_RECORD_NOTES: Final = (
    (kernels.LEADER_MISSING, "leader-missing"),
    (LEADER_PADDED, "leader-padded"),
    (LEADER_SHORT, "leader-short"),
)
_FIELD_NOTES: Final = (
    (kernels.CONTINUED, "line-continued"),
    (kernels.DELIMITER, "delimiter-in-value"),
)
Note = tuple[str, int, str, str]


def partitions(
    source: Source,
    first_index: int = 0,
    first_record_no: int = 0,
    partition_bytes: int = PARTITION_BYTES,
    bounds: walk.Bounds = BOUNDS,
) -> Iterator[Partition]:
    """Cut a file at record ends; see `walk.partitions`."""
    return walk.partitions(source, bounds, first_index, first_record_no, partition_bytes)


def spans(source: Source, first_record_no: int = 0, bounds: walk.Bounds = BOUNDS) -> Iterator[Spans]:
    """All spans of a file in order; damage inside a record is seen by `read` only."""
    return walk.spans(source, bounds, first_record_no)


def read(partition: Partition, bounds: walk.Bounds = BOUNDS) -> ReadResult:
    """Read one partition: its spans, a batch of the records that are good, and notes about some.

    Raises ExtractError if the file cannot be read or is not what it was when the partition was cut.
    """
    window, found = walk.window_of(partition, bounds)
    text = recoded(
        window, found.byte_start - partition.byte_start, found.byte_count, found.kind, found.reason,
        found.record_no, partition, Dialect(b"{esc}", apart, together),
    )  # fmt: skip
    result = read_window(text.window, found, text.start, text.count)
    if text.wish.braces:
        notes = (note for note in result.notes if not _NUMBER.fullmatch(note[3]))
        result = replace(result, notes=tuple(notes))
    return text.finished(result)


def read_window(window: U8, found: Spans, local: I64, count: I64) -> ReadResult:
    """The records of these spans, whose text in UTF-8 is window[local:local + count]."""
    whole = found.kind == SPAN_RECORD
    records, size = int(whole.sum()), int(count[whole].sum())
    room = size // kernels.LINE_LEAST + records + 1
    out = np.empty(size + kernels.ROOM_PER_RECORD * records + kernels.SLACK, np.uint8)
    span_of, leader = np.empty(records, np.int64), np.empty(records, np.int64)
    record_flag, field_from = np.empty(records, np.uint8), np.empty(records + 1, np.int64)
    tag, start = np.empty(room, np.uint32), np.empty(room, np.int64)
    length, control, flag = np.empty(room, np.int32), np.empty(room, np.uint8), np.empty(room, np.uint8)
    good, filled, used = kernels.index_records(
        window, local, count, found.kind, found.reason, out,
        span_of, leader, record_flag, field_from, tag, start, length, control, flag,
    )  # fmt: skip
    if good < 0:
        raise AssertionError("records need more room than their bytes")
    span_of = span_of[:good]
    batch = MarcBatch(
        data=out[:used],
        added=np.empty(0, np.uint8),
        record_no=found.record_no[span_of],
        leader=leader[:good],
        field_from=field_from[: good + 1],
        byte_start=found.byte_start[span_of],
        byte_count=found.byte_count[span_of],
        # Copies: the arrays were made for the worst case, and only what was used shall be kept.
        tag=tag[:filled].copy(),
        start=start[:filled].copy(),
        length=length[:filled].copy(),
        control=control[:filled].copy(),
    )
    batch, unknown = _named(batch, flag[:filled])
    return ReadResult(batch, found, _notes(batch, record_flag[:good], flag[:filled], unknown))


def _named(batch: MarcBatch, flag: U8) -> tuple[MarcBatch, dict[int, list[str]]]:
    """The batch with all names as characters, and the names that are not known, by field."""
    unknown: dict[int, list[str]] = {}
    pieces: list[bytes] = []
    at = len(batch.data)
    for field in np.flatnonzero(flag & kernels.NAMED).tolist():
        start, length = int(batch.start[field]), int(batch.length[field])
        text = batch.data[start : start + length].tobytes().decode()
        decoded, odd = decode(text)
        if odd:
            unknown[field] = odd
        piece = decoded.encode()
        batch.start[field], batch.length[field] = at, len(piece)
        pieces.append(piece + b"\x1e")
        at += len(piece) + 1
    if not pieces:
        return batch, unknown
    data = np.concatenate((batch.data, np.frombuffer(b"".join(pieces), np.uint8)))
    return replace(batch, data=data), unknown


def decode(text: str) -> tuple[str, list[str]]:
    """A field in the inner form with names between 0x1D and 0x1E -> (with characters, unknown names).

    >>> decode("  \\x1faT\\x1dcirc\\x1eeng")
    ('  \\x1faTêng', [])
    """
    table = names()
    out: list[str] = []
    unknown: list[str] = []
    marks = ""
    for number, piece in enumerate(_NAMED.split(text)):
        if number % 2:
            if piece not in table:
                unknown.append(piece)
            piece, combining = table.get(piece, (f"{{{piece}}}", False))
            if combining:
                marks += piece
                continue
        if marks and piece:
            # A mark that a delimiter follows has no letter; it stays where it is.
            base = "" if piece[0] == "\x1f" else piece[0]
            out.append(unicodedata.normalize("NFC", base + marks))
            piece, marks = piece[len(base) :], ""
        out.append(piece)
    return "".join(out) + marks, unknown


def _notes(batch: MarcBatch, record_flag: U8, flag: U8, unknown: dict[int, list[str]]) -> tuple[Note, ...]:
    """What was found, by record and then by field."""
    notes: list[tuple[int, int, Note]] = []
    for at in np.flatnonzero(record_flag).tolist():
        for bit, code in _RECORD_NOTES:
            if record_flag[at] & bit:
                notes.append((at, -1, (code, int(batch.record_no[at]), "LDR", "")))
    flagged = np.flatnonzero(flag)
    owner = np.searchsorted(batch.field_from, flagged, side="right") - 1
    for field, at in zip(flagged.tolist(), owner.tolist(), strict=True):
        number, tag = int(batch.record_no[at]), marc.unpack_tag(int(batch.tag[field]))
        for bit, code in _FIELD_NOTES:
            if flag[field] & bit:
                notes.append((at, field, (code, number, tag, "")))
        for name in unknown.get(field, ()):
            notes.append((at, field, ("mnemonic-unknown", number, tag, f"{{{name}}}")))
    return tuple(note for _, _, note in sorted(notes, key=lambda item: item[:2]))
