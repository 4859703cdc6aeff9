"""What is not UTF-8 becomes UTF-8: the step of a MARC reader between indexing and the batch.

A record that is UTF-8 keeps its bytes, and a partition of such records passes through untouched. The rest is
decoded as the verdict on its file says (`verdict`), and put in NFC. A record that the file's encoding does
not suit is looked at for itself. Where some of its bytes cannot be decoded, U+FFFD stands for them, the
record counts as repaired (reason `undecodable`), and whoever reads copies its raw bytes to set-aside.
Only a record for which no encoding is likely is set aside: better none than a title of question marks.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from transformer.extracts import charsets
from transformer.extracts.charsets import AUTO, ISO5426, MARC8, TWICE, UTF8, Wish
from transformer.extracts.model import Partition
from transformer.kernels.utf8 import TEXT_ESCAPE, TEXT_GOOD, TEXT_NOT_UTF8
from transformer.marc import CHARACTER_CODING_AT
from transformer.readers.decoding import Work, begin, by_kernel, composed, nfc
from transformer.readers.verdict import PLAUSIBLE, Verdict, verdict_of, was_doubled
from transformer.schema.batch import (
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
_ASCII: Final = bytes(range(0x80))
_BLANK: Final = 0x20
_REPLACEMENT: Final = "�"
_STRUCTURE: Final = re.compile("[\x1d-\x1f]")


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
    work = begin(result.batch, wish.braces)
    if wish.encoding == AUTO:
        _decode_found(work, texts, verdict)
    else:
        _decode_all(work, wish.encoding, texts)
    if wish.braces:
        _decode_rest(work)
    return _finished(result, work, texts, verdict, wish)


def _decode_found(work: Work, texts: U8, verdict: Verdict) -> None:
    """Decode as the file's verdict says, and by itself what that does not suit."""
    from transformer.kernels.marc8 import ASCII_ONLY, DECODE, IF_ASCII

    task = np.zeros(len(texts), np.uint8)
    escaped, broken = texts == TEXT_ESCAPE, texts == TEXT_NOT_UTF8
    if verdict.encoding == TWICE:
        for record in np.flatnonzero(texts == TEXT_GOOD):
            _by_codec(work, int(record), TWICE)
    if verdict.other in (MARC8, ISO5426):
        task[broken], task[escaped] = DECODE, IF_ASCII
        if verdict.encoding == MARC8:
            blank = work.batch.leader_byte(CHARACTER_CODING_AT) == _BLANK
            task[(texts == TEXT_GOOD) & blank] = ASCII_ONLY
        if verdict.encoding == UTF8:
            task[broken] = 0
        by_kernel(work, verdict.other, task)
    elif escaped.any():
        task[escaped] = ASCII_ONLY
        by_kernel(work, MARC8, task)
    alone = np.flatnonzero(broken & ((task == 0) | (work.faults > 0)))
    _decode_alone(work, [int(record) for record in alone], verdict)


def _decode_alone(work: Work, records: list[int], verdict: Verdict) -> None:
    """Decode records that differ from their file, or have bytes that its encoding does not know."""
    texts = [work.text(record) for record in records]
    groups: dict[str, list[int]] = {}
    for record, text, chosen in zip(records, texts, choose(texts, verdict), strict=True):
        if not chosen:
            work.lost[record] = len(text.translate(None, _ASCII)) > _FEW
        encoding = chosen or UTF8
        if not work.faults[record]:
            groups.setdefault(encoding, []).append(record)
        elif encoding != work.names[work.encoding[record]]:
            work.reset(record)
            groups.setdefault(encoding, []).append(record)
    for encoding, group in groups.items():
        _decode_group(work, group, encoding)


def choose(texts: Sequence[bytes], verdict: Verdict) -> list[str]:
    """The likeliest encoding of each record that is not UTF-8; "" where none is likely.

    UTF-8 where its bad bytes are isolated: fewer than its good characters outside ASCII. Else
    the best score, with a bonus for what the file's other such records are; sound ones first.
    """
    from transformer.readers.plausible import Texts

    if not texts:
        return []
    weighed, names = Texts(texts), list(charsets.CANDIDATES)
    scores = [weighed.scores(name) + np.where(weighed.sound(name), 0.0, -0.5) for name in names]
    if verdict.other in names:
        scores[names.index(verdict.other)] += 0.5
    elif verdict.other:
        names.append(verdict.other)
        scores.append(np.where(weighed.sound(verdict.other), 0.5, PLAUSIBLE))
    best = np.argmax(scores, axis=0)
    likely = np.max(scores, axis=0) >= PLAUSIBLE
    return [
        UTF8 if _has_isolated(text) else names[at] if good else ""
        for text, at, good in zip(texts, best.tolist(), likely.tolist(), strict=True)
    ]


def _has_isolated(text: bytes) -> bool:
    """True for UTF-8 with a few bad bytes."""
    read = text.decode(UTF8, "replace")
    bad = read.count(_REPLACEMENT)
    good = len(read) - len(read.encode("ascii", "ignore")) - bad
    return good > (bad if bad <= _FEW else 4 * bad)


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
    by_kernel(work, encoding, task)


def _by_codec(work: Work, record: int, encoding: str) -> None:
    """Decode one record through a codec of Python's library, piece by piece between delimiters."""
    changed = False
    for field, raw in zip(work.fields(record), work.raws(record), strict=True):
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
    return nfc(text), faults


def _decode_rest(work: Work) -> None:
    """`{u00E9}` in what is UTF-8 by itself."""
    for record in np.flatnonzero(work.encoding == 0):
        for field in work.fields(int(record)):
            text = work.now(field)
            if b"{u" in text and (read := _BRACES.sub(_brace, text)) != text:
                work.put(field, composed(read))


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
    batch = replace(batch, added=work.gather(), start=work.start, length=work.length)
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
