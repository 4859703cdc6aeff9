"""What is not UTF-8 becomes UTF-8: the step of a MARC reader between indexing and the batch.

A record that is UTF-8 keeps its bytes, and a partition of such records passes through untouched. The rest is
decoded as the verdict on its file says (`verdict`), and put in NFC. A record that the file's encoding does
not suit is looked at for itself. Where some of its bytes cannot be decoded, U+FFFD stands for them, the
record counts as repaired (reason `undecodable`), and whoever reads copies its raw bytes to set-aside.
Only a record for which no encoding is likely is set aside: better none than a title of question marks.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from transformer.extracts import charsets
from transformer.extracts.charsets import AUTO, ISO5426, MARC8, TWICE, UTF8, Wish
from transformer.extracts.model import Partition
from transformer.kernels.utf8 import TEXT_ESCAPE, TEXT_GOOD, TEXT_NOT_UTF8
from transformer.marc import CHARACTER_CODING_AT
from transformer.readers.verdict import PLAUSIBLE, Verdict, verdict_of, was_doubled
from transformer.schema.batch import (
    I32,
    I64,
    REASON_CODE,
    SPAN_REPAIRED,
    SPAN_SET_ASIDE,
    U8,
    MarcBatch,
    ReadResult,
    Spans,
)

_FEW: Final = 5
"""Bytes of no likely encoding with which a record is still kept."""
_BRACES: Final = re.compile(rb"\{u([0-9A-Fa-f]{4,6})\}")
_BLANK: Final = 0x20
_REPLACEMENT: Final = "�"
_STRUCTURE: Final = re.compile("[\x1d-\x1f]")


@dataclass(slots=True)
class Work:
    """The batch while it is decoded: its fields' places, and what is known of each record.

    data: the batch's bytes, with new ones behind them. encoding: uint8[R], place in `names`. faults:
    int32[R]. lost: bool[R], no likely encoding. tail: new bytes that are not in `data` yet.
    """

    batch: MarcBatch
    data: U8
    start: I64
    length: I32
    names: list[str]
    encoding: U8
    faults: I32
    lost: U8
    tail: bytearray
    braces: bool
    is_ascii: U8 | None = None

    def ascii(self) -> U8:
        """bool[R], which records were ASCII as they came."""
        if self.is_ascii is None:
            from transformer.kernels.marc8 import ascii_records

            self.is_ascii = np.empty(self.batch.record_count, np.bool_)
            batch = self.batch
            ascii_records(
                batch.data, batch.field_from, batch.start, batch.length, self.is_ascii.view(np.uint8)
            )
        return self.is_ascii

    def fields(self, record: int) -> range:
        """Indexes of a record's fields."""
        return range(int(self.batch.field_from[record]), int(self.batch.field_from[record + 1]))

    def raw(self, field: int) -> bytes:
        """The bytes of a field as they came."""
        start = int(self.batch.start[field])
        return self.batch.data[start : start + int(self.batch.length[field])].tobytes()

    def now(self, field: int) -> bytes:
        """The bytes of a field as they are by now."""
        start, length = int(self.start[field]), int(self.length[field])
        if start >= len(self.data):
            start -= len(self.data)
            return bytes(self.tail[start : start + length])
        return self.data[start : start + length].tobytes()

    def put(self, field: int, text: bytes) -> None:
        """Give a field new bytes."""
        self.start[field] = len(self.data) + len(self.tail)
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
        return b"\x1e".join(map(self.raw, self.fields(record)))


def decoded(result: ReadResult, texts: U8, partition: Partition) -> ReadResult:
    """The result with every record in UTF-8, and rows for what is worth telling.

    texts: uint8[R], TEXT_* of each record of the batch; fields of a record that is not TEXT_GOOD may hold any
    bytes. Raises UsageError where the source's encoding is none, ExtractError if the file cannot be read.
    """
    source = partition.source
    verdict, wish = verdict_of(source), charsets.wish_of(source.encoding)
    notes = result.notes
    if partition.byte_start == 0 and verdict.remarkable and partition.record_count:
        notes = (("file-encoding", partition.first_record_no, "", verdict.sentence), *notes)
        result = replace(result, notes=notes)
    if verdict.encoding == UTF8 and not wish.braces and not texts.any():
        return result
    work = _begin(result.batch, wish.braces)
    if wish.encoding == AUTO:
        _decode_found(work, texts, verdict)
    else:
        _decode_all(work, wish.encoding, texts)
    if wish.braces:
        _decode_rest(work)
    return _finished(result, work, texts, verdict, wish)


def _begin(batch: MarcBatch, braces: bool) -> Work:
    count = batch.record_count
    return Work(
        batch, batch.data, batch.start.copy(), batch.length.copy(), [UTF8], np.zeros(count, np.uint8),
        np.zeros(count, np.int32), np.zeros(count, np.uint8), bytearray(), braces,
    )  # fmt: skip


def _decode_found(work: Work, texts: U8, verdict: Verdict) -> None:
    """Decode as the file's verdict says, and by itself what that does not suit."""
    from transformer.kernels.marc8 import ASCII_ONLY, DECODE

    task = np.zeros(len(texts), np.uint8)
    escaped, broken = texts == TEXT_ESCAPE, texts == TEXT_NOT_UTF8
    if verdict.encoding == TWICE:
        for record in np.flatnonzero(texts == TEXT_GOOD):
            _by_codec(work, int(record), TWICE)
    if verdict.other in (MARC8, ISO5426):
        task[escaped | broken] = DECODE
        if escaped.any():
            task[escaped & ~work.ascii()] = ASCII_ONLY
        if verdict.encoding == MARC8:
            blank = work.batch.data[work.batch.leader + CHARACTER_CODING_AT] == _BLANK
            task[(texts == TEXT_GOOD) & blank] = ASCII_ONLY
        if verdict.encoding == UTF8:
            task[broken] = 0
        _by_kernel(work, verdict.other, task)
    elif escaped.any():
        task[escaped] = ASCII_ONLY
        _by_kernel(work, MARC8, task)
    alone = np.flatnonzero(broken & ((task == 0) | (work.faults > 0)))
    _decode_alone(work, [int(record) for record in alone], verdict)


def _decode_alone(work: Work, records: list[int], verdict: Verdict) -> None:
    """Decode records that differ from their file, or have bytes that its encoding does not know."""
    groups: dict[str, list[int]] = {}
    for record in records:
        text = work.text(record)
        chosen = choose(text, verdict)
        if not chosen:
            work.lost[record] = sum(byte >= 0x80 for byte in text) > _FEW
            chosen = UTF8
        if not work.faults[record] or chosen != work.names[work.encoding[record]]:
            work.reset(record)
            groups.setdefault(chosen, []).append(record)
    for encoding, group in groups.items():
        _decode_group(work, group, encoding)


def choose(text: bytes, verdict: Verdict) -> str:
    """The likeliest encoding of one record that is not UTF-8; "" where none is likely.

    UTF-8 where its bad bytes are isolated: fewer than its good characters outside ASCII. Else
    the best score, with a bonus for what the file's other such records are; sound ones first.
    """
    from transformer.readers.plausible import is_sound, score

    read = text.decode(UTF8, "replace")
    bad = read.count(_REPLACEMENT)
    good = len(read) - len(read.encode("ascii", "ignore")) - bad
    if good > (bad if bad <= _FEW else 4 * bad):
        return UTF8
    scores = {name: score(text, name) for name in charsets.CANDIDATES}
    for name in scores:
        scores[name] += (0.5 if name == verdict.other else 0.0) - (0.0 if is_sound(text, name) else 0.5)
    if verdict.other and verdict.other not in scores:
        scores[verdict.other] = 0.5 if is_sound(text, verdict.other) else PLAUSIBLE
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] >= PLAUSIBLE else ""


def _decode_all(work: Work, encoding: str, texts: U8) -> None:
    """Decode every record from the encoding that the user named."""
    wanted = texts == TEXT_NOT_UTF8 if encoding == UTF8 else np.ones(len(texts), np.bool_)
    _decode_group(work, np.flatnonzero(wanted).tolist(), encoding)


def _decode_group(work: Work, records: list[int], encoding: str) -> None:
    """Decode some records, by the kernel where it knows the encoding."""
    from transformer.extracts.code_tables import coding_of
    from transformer.kernels.marc8 import DECODE

    if encoding == UTF8 or coding_of(encoding) is None:
        for record in records:
            _by_codec(work, record, encoding)
        return
    task = np.zeros(work.batch.record_count, np.uint8)
    task[records] = DECODE
    _by_kernel(work, encoding, task)


def _by_kernel(work: Work, encoding: str, task: U8) -> None:
    """Decode the records that have a task; new bytes go behind the window."""
    from transformer.extracts.code_tables import code_tables, coding_of
    from transformer.kernels.marc8 import ROOM_FACTOR, ROOM_MORE, decode_fields
    from transformer.kernels.nfc import MAX_MARKS, composition

    batch, coding = work.batch, coding_of(encoding, work.braces)
    assert coding is not None
    wanted = np.repeat(task != 0, np.diff(batch.field_from))
    room = ROOM_FACTOR * int(work.length[wanted].sum()) + ROOM_MORE
    used = -1
    while used < 0:
        begun = len(work.data)
        data = np.empty(begun + len(work.tail) + room, np.uint8)
        data[:begun] = work.data
        start, length = work.start.copy(), work.length.copy()
        faults = np.zeros(batch.record_count, np.int32)
        unsure = np.zeros(batch.field_count, np.uint8)
        data[begun : begun + len(work.tail)] = np.frombuffer(bytes(work.tail), np.uint8)
        used = decode_fields(
            data, begun + len(work.tail), batch.field_from, task, start, length, batch.control,
            code_tables(), composition(), coding, np.empty(MAX_MARKS + 4, np.int64), faults, unsure,
        )  # fmt: skip
        room *= 2
    moved = np.flatnonzero(start != work.start)
    changed = np.unique(np.searchsorted(batch.field_from, moved, side="right") - 1)
    if len(changed):
        work.name(changed, encoding)
    work.data, work.start, work.length, work.tail = data[:used], start, length, bytearray()
    work.faults += faults
    for field in np.flatnonzero(unsure):
        work.put(int(field), _composed(work.now(int(field))))


def _composed(field: bytes) -> bytes:
    """A field in NFC; a subfield code is no letter that a mark may join."""
    head, *subfields = field.decode().split("\x1f")
    parts = [_nfc(head)]
    for part in subfields:
        code = part[:1] if part[:1].isascii() else ""
        parts.append(code + _nfc(part[len(code) :]))
    return "\x1f".join(parts).encode()


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _by_codec(work: Work, record: int, encoding: str) -> None:
    """Decode one record through a codec of Python's library, piece by piece between delimiters."""
    changed = False
    for field in work.fields(record):
        raw = work.raw(field)
        if raw.isascii() and b"\x1b" not in raw:
            continue
        pieces, faults = zip(*(_piece(part, encoding) for part in raw.split(b"\x1f")), strict=True)
        text = "\x1f".join(pieces).encode()
        work.faults[record] += sum(faults)
        if text != raw:
            work.put(field, text)
            changed = True
    if changed:
        work.name(record, encoding)


def _piece(raw: bytes, encoding: str) -> tuple[str, int]:
    """(text, faults) of bytes between two delimiters. UTF-8 keeps its form, all else becomes NFC."""
    if encoding == TWICE:
        text = raw.decode(UTF8, "replace")
        return was_doubled(text) or text, 0
    # A codec may not bring the delimiters of ISO 2709 into a value.
    text = _STRUCTURE.sub(_REPLACEMENT, raw.decode(encoding, "replace"))
    faults = text.count(_REPLACEMENT)
    if encoding == UTF8:
        return text, faults - raw.count(_REPLACEMENT.encode())
    return unicodedata.normalize("NFC", text), faults


def _decode_rest(work: Work) -> None:
    """`{u00E9}` in what is UTF-8 by itself."""
    for record in np.flatnonzero(work.encoding == 0):
        for field in work.fields(int(record)):
            text = work.now(field)
            if b"{u" in text and (read := _BRACES.sub(_brace, text)) != text:
                work.put(field, _composed(read))


def _brace(found: re.Match[bytes]) -> bytes:
    point = int(found[1], 16)
    if point < _BLANK or point > 0x10FFFF or 0xD800 <= point < 0xE000:
        return found[0]
    return chr(point).encode()


def _finished(result: ReadResult, work: Work, texts: U8, verdict: Verdict, wish: Wish) -> ReadResult:
    """Spans, notes and batch of what was decoded."""
    batch, notes = result.batch, list(result.notes)
    for record in np.flatnonzero((work.faults > 0) & (work.lost == 0)):
        detail = f"{work.faults[record]} of them, read as {work.names[work.encoding[record]]}"
        if not wish.braces and b"{u" in work.text(int(record)):
            detail += "; it has {u....}, which brace-unicode would read"
        notes.append(("undecodable", int(batch.record_no[record]), "", detail))
    if wish.encoding == AUTO:
        notes += _differing(work, texts, verdict)
    spans = _spans(result.spans, batch.record_no, work)
    data = work.data
    if work.tail:
        data = np.concatenate([data, np.frombuffer(bytes(work.tail), np.uint8)])
    batch = replace(batch, data=data, start=work.start, length=work.length)
    keep = work.lost == 0
    encoding = work.encoding
    if not keep.all():
        batch, encoding = _kept(batch, keep), encoding[keep]
    return ReadResult(batch, spans, tuple(notes), tuple(work.names), encoding)


def _differing(work: Work, texts: U8, verdict: Verdict) -> list[tuple[str, int, str, str]]:
    """Notes about records that are in another encoding than their file."""
    own = np.array([name == verdict.encoding for name in work.names])[work.encoding]
    differs = ~own & (texts != TEXT_GOOD) & (work.lost == 0)
    if verdict.encoding not in (UTF8, TWICE):
        differs |= (texts == TEXT_GOOD) & ~work.ascii()
    return [
        (
            "record-encoding",
            int(work.batch.record_no[record]),
            "",
            f"{work.names[work.encoding[record]]}; the file: {verdict.encoding}",
        )
        for record in np.flatnonzero(differs)
    ]


def _spans(spans: Spans, record_no: I64, work: Work) -> Spans:
    """The spans, with repaired ones and those that are set aside after all."""
    repaired, lost = record_no[(work.faults > 0) & (work.lost == 0)], record_no[work.lost != 0]
    if not len(repaired) and not len(lost):
        return spans
    kind, reason = spans.kind.copy(), spans.reason.copy()
    for numbers, what, why in (
        (repaired, SPAN_REPAIRED, "undecodable"),
        (lost, SPAN_SET_ASIDE, "not-utf8"),
    ):
        hit = np.isin(spans.record_no, numbers) & (spans.record_no >= 0)
        kind[hit], reason[hit] = what, REASON_CODE[why]
    return replace(spans, kind=kind, reason=reason)


def _kept(batch: MarcBatch, keep: U8) -> MarcBatch:
    """The batch without some records."""
    counts = np.diff(batch.field_from)
    fields = np.repeat(keep, counts)
    field_from = np.zeros(int(keep.sum()) + 1, np.int64)
    np.cumsum(counts[keep], out=field_from[1:])
    return replace(
        batch,
        record_no=batch.record_no[keep],
        leader=batch.leader[keep],
        field_from=field_from,
        byte_start=batch.byte_start[keep],
        byte_count=batch.byte_count[keep],
        tag=batch.tag[fields],
        start=batch.start[fields],
        length=batch.length[fields],
        control=batch.control[fields],
    )
