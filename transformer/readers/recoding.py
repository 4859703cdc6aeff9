"""Records of containers that are text (lines, JSON, XML) become UTF-8 before they are parsed.

Before, not after: in Big5, GBK and Shift JIS the second byte of a character may be `\\`, `^` or `{`, which
mean something in these containers, and Latin-1 is no JSON. What is UTF-8 passes through untouched. The
verdict, the rows and the copies for set-aside are those of `charset`, and offsets stay those of the file.

MARC-8 has escape sequences in which `$` and `{` are parts of characters. A container that uses these signs
brings a `Dialect` that says how its text is cut there.

References, `{u00E9}` and (in MARC-8) `&#x6F22;`, are read after parsing: one may stand for a sign of
structure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from transformer.extracts import charsets
from transformer.extracts.charsets import AUTO, MARC8, UTF8, Wish
from transformer.extracts.model import Partition
from transformer.kernels.utf8 import TEXT_ESCAPE, TEXT_GOOD, TEXT_NOT_UTF8, text_verdict
from transformer.readers.charset import Note, file_notes, marked, notes_of, verdict_once
from transformer.readers.chosen import Truths, decode_all, decode_found, decode_group, decode_names
from transformer.readers.declared import say_unicode
from transformer.readers.decoding import Work, begin
from transformer.readers.verdict import Verdict
from transformer.schema.batch import (
    I64,
    REASON_CODE,
    SPAN_RECORD,
    SPAN_SET_ASIDE,
    U8,
    MarcBatch,
    ReadResult,
)

_ESC: Final = b"\x1b"
_EACC_FINAL: Final = 0x31
_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a container's text is cut where it holds MARC-8 with escape sequences.

    sign: bytes that say MARC-8 as ESC does, empty where there are none. apart(record): fields as MARC-8, in
    which 0x1F stands before a subfield. together(fields): the record's text again, of fields in UTF-8.
    """

    sign: bytes
    apart: Callable[[bytes], list[bytes]]
    together: Callable[[list[bytes]], bytes]


@dataclass(frozen=True, slots=True, eq=False)
class Recoded:
    """The window with every record in UTF-8, and what to tell when its records are parsed.

    start, count: int64[S], where the text of each span stands in `window`. work: of the records that were
    looked at, None where all was UTF-8. texts: uint8[R], TEXT_* of these.
    """

    window: U8
    start: I64
    count: I64
    verdict: Verdict
    wish: Wish
    notes: tuple[Note, ...]
    work: Work | None = None
    texts: U8 | None = None

    def finished(self, result: ReadResult) -> ReadResult:
        """What was parsed from the window, with its rows, marks and encodings."""
        batch, work, spans = result.batch, self.work, result.spans
        notes = (*self.notes, *result.notes)
        if work is None or self.texts is None:
            return replace(result, batch=self._with_names(batch, None), notes=notes)
        numbers = work.batch.record_no
        notes += tuple(notes_of(work, self.texts, self.verdict, self.wish))
        spans = marked(spans, numbers[(work.faults > 0) & (work.lost == 0)], "undecodable")
        place = np.searchsorted(numbers, batch.record_no)
        encoding = work.encoding[place]
        if encoding.any():
            batch = say_unicode(batch, encoding > 0)
        marc8 = np.array([name == MARC8 for name in work.names])[encoding]
        if self.verdict.encoding == MARC8:
            marc8 |= work.ascii()[place] != 0
        return ReadResult(self._with_names(batch, marc8), spans, notes, tuple(work.names), encoding)

    def _with_names(self, batch: MarcBatch, marc8: Truths | None) -> MarcBatch:
        """References as the characters they stand for. marc8: bool[R], records that have `&#x..;`."""
        references = marc8 is not None and bool(marc8.any())
        if not batch.record_count or not (self.wish.braces or references):
            return batch
        work = begin(batch, False)
        if self.wish.braces:
            decode_names(work, np.ones(batch.record_count, np.bool_), True, False)
        if marc8 is not None and references:
            decode_names(work, marc8, False, True)
        return replace(batch, added=work.gather(), start=work.start, length=work.length)


def recoded(
    window: U8, start: I64, count: I64, kind: U8, reason: U8, record_no: I64, partition: Partition,
    dialect: Dialect | None = None,
) -> Recoded:  # fmt: skip
    """The spans of kind SPAN_RECORD, window[start:start + count], in UTF-8.

    Arrays are those of the spans; a record of no likely encoding gets its kind and reason here. Raises
    UsageError where the source's encoding is none, ExtractError if the file cannot be read.
    """
    source = partition.source
    verdict, wish = verdict_once(source), charsets.wish_of(source.encoding)
    same = Recoded(window, start, count, verdict, wish, file_notes(verdict, partition))
    whole = np.flatnonzero(kind == SPAN_RECORD)
    # Behind the last span a window may end within a character.
    end = int(start[-1] + count[-1]) if len(start) else 0
    if verdict.encoding == UTF8 and _is_good(window[:end], dialect):
        return same
    raw = [window[a : a + n].tobytes() for a, n in zip(start[whole], count[whole], strict=True)]
    texts = np.array([_text_of(record, dialect) for record in raw], np.uint8)
    if verdict.encoding == UTF8 and not texts.any():
        return same
    batch, cut = _as_batch(window, start[whole], count[whole], record_no[whole], raw, texts, dialect)
    work = begin(batch, False, False)
    if signed := [record for record in cut if dialect and dialect.sign and dialect.sign in raw[record]]:
        decode_group(work, signed, MARC8)
        texts[signed] = TEXT_GOOD
    if wish.encoding == AUTO:
        decode_found(work, texts, verdict, np.zeros(len(texts), np.bool_))
    else:
        decode_all(work, wish.encoding, texts)
    lost = whole[work.lost != 0]
    kind[lost], reason[lost] = SPAN_SET_ASIDE, REASON_CODE["not-utf8"]
    new_start, new_count, data = _placed(work, cut, dialect)
    start, count = start.copy(), count.copy()
    start[whole], count[whole] = new_start, new_count
    return replace(same, window=data, start=start, count=count, work=work, texts=texts)


def _is_good(text: U8, dialect: Dialect | None) -> bool:
    """True where all of a partition's text is UTF-8 without escape sequences; False where it is not sure."""
    head = text[:3].tobytes()
    if len(text) < 3 or not (head.isascii() or head == _BOM) or _ESC in head:
        return False
    if text[-1] >= 0x80:
        return False  # the kernel sees no character that the end cuts
    if dialect is not None and dialect.sign and dialect.sign in text.tobytes():
        return False
    return text_verdict(text, 3, len(text)) == TEXT_GOOD


def _text_of(record: bytes, dialect: Dialect | None) -> int:
    """TEXT_* of one record."""
    escaped = _ESC in record or (dialect is not None and bool(dialect.sign) and dialect.sign in record)
    if not record.isascii():
        try:
            record.decode()
        except UnicodeDecodeError:
            return TEXT_NOT_UTF8
    return TEXT_ESCAPE if escaped else TEXT_GOOD


def _as_batch(
    window: U8, start: I64, count: I64, record_no: I64, raw: list[bytes], texts: U8, dialect: Dialect | None
) -> tuple[MarcBatch, list[int]]:
    """(records as a batch of one field each, or more where the dialect cuts them; which it cut)."""
    starts, lengths, field_from, pieces, cut = [], [], [0], [], []
    end = 0
    for record, (place, size, text) in enumerate(zip(start.tolist(), count.tolist(), raw, strict=True)):
        signed = dialect is not None and texts[record] != TEXT_GOOD and (_ESC in text or dialect.sign in text)
        if dialect is not None and signed:
            cut.append(record)
            for field in dialect.apart(text):
                starts.append(-1 - end)
                lengths.append(len(field))
                pieces.append(field + b"\x1e")
                end += len(field) + 1
        else:
            starts.append(place)
            lengths.append(size)
        field_from.append(len(starts))
    fields = len(starts)
    batch = MarcBatch(
        data=window,
        added=np.frombuffer(b"".join(pieces), np.uint8),
        record_no=record_no,
        leader=np.zeros(len(raw), np.int64),
        field_from=np.array(field_from, np.int64),
        byte_start=start,
        byte_count=count,
        tag=np.zeros(fields, np.uint32),
        start=np.array(starts, np.int64),
        length=np.array(lengths, np.int32),
        control=np.zeros(fields, np.uint8),
    )
    return batch, cut


def _placed(work: Work, cut: list[int], dialect: Dialect | None) -> tuple[I64, I64, U8]:
    """(start, count, window) of each record's text, new text behind the window."""
    first = work.batch.field_from[:-1]
    joined: dict[int, bytes] = {}
    if dialect is not None:
        joined = {record: dialect.together([work.now(f) for f in work.fields(record)]) for record in cut}
    added = work.gather()
    start, count = work.start[first].copy(), work.length[first].astype(np.int64)
    begun = len(work.batch.data)
    start = np.where(start >= 0, start, begun - 1 - start)
    end = begun + len(added)
    for record, text in joined.items():
        start[record], count[record] = end, len(text)
        end += len(text)
    if end == begun:
        return start, count, work.batch.data
    more = np.frombuffer(b"".join(joined.values()), np.uint8)
    return start, count, np.concatenate([work.batch.data, added, more])


def wide_length(text: bytes, delimiter: bytes) -> int:
    """How much of the text behind the escape sequence of EACC is in it: up to the next ESC, or to a delimiter
    in the place of a character that EACC has not."""
    from pymarc.marc8_mapping import CODESETS

    known, at = CODESETS[_EACC_FINAL], 0
    while at < len(text) and text[at] != _ESC[0]:
        character = text[at : at + 3]
        if character[:1] == b" ":
            at += 1
        elif character.startswith(delimiter) and int.from_bytes(character) not in known:
            break
        else:
            at += 3
    return min(at, len(text))
