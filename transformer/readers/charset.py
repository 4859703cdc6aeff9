"""What is not UTF-8 becomes UTF-8: the step of a MARC reader between indexing and the batch.

A record that is UTF-8 keeps its bytes, and a partition of such records passes through untouched. The rest is
decoded as the verdict on its file says (`verdict`), and put in NFC. A record that the file's encoding does
not suit is looked at for itself. Where some of its bytes cannot be decoded, U+FFFD stands for them, the
record counts as repaired (reason `undecodable`), and whoever reads copies its raw bytes to set-aside.
Only a record for which no encoding is likely is set aside: better none than a title of question marks.

A record that was decoded says so: leader/09 or the sets of UNIMARC become those of Unicode (`declared`).
That, and the verdict on the file, are told once a file, with its first partition.

`decoded` serves containers whose structure is bytes of its own, ISO 2709; `recoding` those that are text.
"""

from __future__ import annotations

from dataclasses import replace
from threading import Lock
from typing import Final

import numpy as np
import numpy.typing as npt

from transformer.extracts import charsets
from transformer.extracts.charsets import AUTO, TWICE, UTF8, Wish
from transformer.extracts.model import Partition, Source
from transformer.kernels.utf8 import TEXT_GOOD
from transformer.marc import CHARACTER_CODING_AT
from transformer.readers.chosen import decode_all, decode_found, decode_names
from transformer.readers.declared import designated, say_unicode
from transformer.readers.decoding import Work, begin
from transformer.readers.splice import left_out
from transformer.readers.verdict import Verdict, verdict_of
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

Note = tuple[str, int, str, str]
_BLANK: Final = 0x20
_weighing = Lock()


def decoded(result: ReadResult, texts: U8, partition: Partition) -> ReadResult:
    """The result with every record in UTF-8, and rows for what is worth telling.

    texts: uint8[R], TEXT_* of each record of the batch; fields of a record that is not TEXT_GOOD may hold any
    bytes. Raises UsageError where the source's encoding is none, ExtractError if the file cannot be read.
    """
    source = partition.source
    verdict, wish = verdict_once(source), charsets.wish_of(source.encoding)
    result = replace(result, notes=(*file_notes(verdict, partition), *result.notes))
    if verdict.encoding == UTF8 and not wish.braces and not texts.any():
        return result
    batch, texts = designated(result.batch, texts, verdict.encoding, verdict.forced)
    work = begin(batch, wish.braces)
    if wish.encoding == AUTO:
        decode_found(work, texts, verdict, batch.leader_byte(CHARACTER_CODING_AT) == _BLANK)
    else:
        decode_all(work, wish.encoding, texts)
    if wish.braces:
        decode_names(work, work.encoding == 0, True, False)
    return _finished(result, work, texts, verdict, wish)


def verdict_once(source: Source) -> Verdict:
    """`verdict_of`, worked out by the first thread that asks while others wait.

    At the begin of a file all threads ask at once. Each weighed the same sample, 0.1 s of one interpreter
    every time.
    """
    with _weighing:
        return verdict_of(source)


def file_notes(verdict: Verdict, partition: Partition) -> tuple[Note, ...]:
    """The verdict on a file, told with its first partition, where there is something to tell."""
    if partition.byte_start == 0 and verdict.remarkable and partition.record_count:
        return (("file-encoding", partition.first_record_no, "", verdict.sentence),)
    return ()


def _finished(result: ReadResult, work: Work, texts: U8, verdict: Verdict, wish: Wish) -> ReadResult:
    """Spans, notes and batch of what was decoded."""
    batch = result.batch
    notes = (*result.notes, *notes_of(work, texts, verdict, wish))
    repaired, lost = batch.record_no[(work.faults > 0) & (work.lost == 0)], batch.record_no[work.lost != 0]
    spans = marked(marked(result.spans, repaired, "undecodable"), lost, "not-utf8")
    batch = replace(batch, added=work.gather(), start=work.start, length=work.length)
    if work.encoding.any():
        batch = say_unicode(batch, work.encoding > 0)
    keep = work.lost == 0
    encoding = work.encoding
    if not keep.all():
        batch, encoding = _kept(batch, keep), encoding[keep]
    return ReadResult(batch, spans, notes, tuple(work.names), encoding)


def notes_of(work: Work, texts: U8, verdict: Verdict, wish: Wish) -> list[Note]:
    """Notes about records: bytes that could not be decoded, and encodings that are not the file's."""
    notes = []
    for record in np.flatnonzero((work.faults > 0) & (work.lost == 0)):
        detail = f"{work.faults[record]} of them, read as {work.names[work.encoding[record]]}"
        if not wish.braces and b"{u" in work.text(int(record)):
            detail += "; it has {u....}, which brace-unicode would read"
        notes.append(("undecodable", int(work.batch.record_no[record]), "", detail))
    return notes + _differing(work, texts, verdict) if wish.encoding == AUTO else notes


def _differing(work: Work, texts: U8, verdict: Verdict) -> list[Note]:
    """Notes about records that are in another encoding than their file."""
    own = np.array([name == verdict.encoding for name in work.names])[work.encoding]
    differs = ~own & (texts != TEXT_GOOD) & (work.lost == 0)
    if verdict.encoding not in (UTF8, TWICE):
        differs |= ~own & (texts == TEXT_GOOD) & ~work.ascii()
    return [
        (
            "record-encoding",
            int(work.batch.record_no[record]),
            "",
            f"{work.names[work.encoding[record]]}; the file: {verdict.encoding}",
        )
        for record in np.flatnonzero(differs)
    ]


def marked(spans: Spans, numbers: I64, reason: str) -> Spans:
    """The spans, those of some record numbers repaired for the reason `undecodable`, else set aside."""
    if not len(numbers):
        return spans
    kind, why = spans.kind.copy(), spans.reason.copy()
    hit = np.isin(spans.record_no, numbers) & (spans.record_no >= 0) & (kind != SPAN_SET_ASIDE)
    kind[hit] = SPAN_REPAIRED if reason == "undecodable" else SPAN_SET_ASIDE
    why[hit] = REASON_CODE[reason]
    return replace(spans, kind=kind, reason=why)


def _kept(batch: MarcBatch, keep: npt.NDArray[np.bool_]) -> MarcBatch:
    """The batch without some records."""
    out = np.flatnonzero(~keep)
    begins, ends = batch.field_from[out], batch.field_from[out + 1]
    field_from = np.zeros(batch.record_count - len(out) + 1, np.int64)
    np.cumsum(np.diff(batch.field_from)[keep], out=field_from[1:])
    return replace(
        batch,
        record_no=batch.record_no[keep],
        leader=batch.leader[keep],
        field_from=field_from,
        byte_start=batch.byte_start[keep],
        byte_count=batch.byte_count[keep],
        tag=left_out(batch.tag, begins, ends),
        start=left_out(batch.start, begins, ends),
        length=left_out(batch.length, begins, ends),
        control=left_out(batch.control, begins, ends),
    )
