"""Which encoding each record of a batch is decoded from, and the decoding where no kernel does it.

The verdict on a file says what most of its records are in; a record that this does not suit is looked at for
itself. Codecs of Python's library read what the kernel does not know. What is decoded is put in NFC; UTF-8
keeps its form, with U+FFFD for isolated bad bytes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import numpy.typing as npt

from transformer.extracts import charsets
from transformer.extracts.charsets import ISO5426, MARC8, TWICE, UTF8
from transformer.extracts.composing import composed, nfc
from transformer.kernels.utf8 import TEXT_ESCAPE, TEXT_GOOD, TEXT_NOT_UTF8
from transformer.readers.decoding import Work, by_kernel
from transformer.readers.verdict import PLAUSIBLE, Verdict, was_doubled
from transformer.schema.batch import U8

Truths = npt.NDArray[np.bool_]
_FEW: Final = 5
"""Bytes of no likely encoding with which a record is still kept."""
_BRACES: Final = re.compile(rb"\{u([0-9A-Fa-f]{4,6})\}")
_REFERENCE: Final = re.compile(rb"&#x([0-9A-Fa-f]{1,6});")
_ASCII: Final = bytes(range(0x80))
_LONG: Final = re.compile(b"[\xf8-\xfb][\x80-\xbf]{4}|[\xfc\xfd][\x80-\xbf]{5}")
_BLANK: Final = 0x20
_REPLACEMENT: Final = "�"
_STRUCTURE: Final = re.compile("[\x1d-\x1f]")


def decode_found(work: Work, texts: U8, verdict: Verdict, says_marc8: Truths) -> None:
    """Decode as the file's verdict says, and by itself what that does not suit.

    texts: uint8[R], TEXT_*. says_marc8: bool[R], records that declare MARC-8, though they may be ASCII.
    """
    from transformer.kernels.marc8 import ASCII_ONLY, DECODE, IF_ASCII

    task = np.zeros(len(texts), np.uint8)
    escaped, broken = texts == TEXT_ESCAPE, texts == TEXT_NOT_UTF8
    if verdict.encoding == TWICE:
        for record in np.flatnonzero(texts == TEXT_GOOD):
            _by_codec(work, int(record), TWICE)
    if verdict.trusted:
        decode_group(work, np.flatnonzero(broken).tolist(), verdict.other)
        broken = broken & (work.faults > 0)
    elif verdict.other in (MARC8, ISO5426) or verdict.other.rpartition("+")[2] in charsets.SETS:
        task[broken], task[escaped] = DECODE, IF_ASCII
        if verdict.encoding == MARC8:
            task[(texts == TEXT_GOOD) & says_marc8] = ASCII_ONLY
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
        if verdict.trusted and chosen != UTF8 and work.faults[record] <= _FEW:
            continue
        if not chosen:
            work.lost[record] = len(text.translate(None, _ASCII)) > _FEW
        encoding = chosen or UTF8
        if not work.faults[record]:
            groups.setdefault(encoding, []).append(record)
        elif encoding != work.names[work.encoding[record]]:
            work.reset(record)
            groups.setdefault(encoding, []).append(record)
    for encoding, group in groups.items():
        decode_group(work, group, encoding)


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
    """True for UTF-8 with a few bad bytes, or with the five or six bytes that it once had for a character."""
    rest = _LONG.sub(b"", text)
    read = rest.decode(UTF8, "replace")
    bad = read.count(_REPLACEMENT)
    if len(rest) < len(text) and not bad:
        return True
    good = len(read) - len(read.encode("ascii", "ignore")) - bad
    return good > (bad if bad <= _FEW else 4 * bad)


def decode_all(work: Work, encoding: str, texts: U8) -> None:
    """Decode every record from the encoding that the user named."""
    wanted = texts == TEXT_NOT_UTF8 if encoding == UTF8 else np.ones(len(texts), np.bool_)
    decode_group(work, np.flatnonzero(wanted).tolist(), encoding)


def decode_group(work: Work, records: list[int], encoding: str) -> None:
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


def decode_names(work: Work, records: Truths, braces: bool, references: bool) -> None:
    """`{u00E9}`, and `&#x6F22;` where asked for, in fields that are UTF-8 by now. records: bool[R]."""
    owner = np.repeat(np.arange(work.batch.record_count), np.diff(work.batch.field_from))
    signs = [sign for sign, wanted in ((b"{u", braces), (b"&#x", references)) if wanted]
    for sign in signs:
        for field in _holding(work, sign):
            if not records[owner[field]]:
                continue
            text = work.now(field)
            read = (_BRACES if sign == b"{u" else _REFERENCE).sub(_named, text)
            if read != text:
                work.put(field, composed(read))


def _holding(work: Work, sign: bytes) -> list[int]:
    """Fields that hold some bytes."""
    now = replace(work.batch, added=work.gather(), start=work.start, length=work.length)
    found: list[int] = []
    for data, in_added in ((now.data, False), (now.added, True)):
        places = np.flatnonzero((data[:-1] == sign[0]) & (data[1:] == sign[1]))
        found += now.fields_at(places, in_added).tolist()
    return found


def _named(found: re.Match[bytes]) -> bytes:
    point = int(found[1], 16)
    if point < _BLANK or point > 0x10FFFF or 0xD800 <= point < 0xE000:
        return found[0]
    return chr(point).encode()
