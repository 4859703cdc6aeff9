"""Every ISO 2709 file that nobody here wrote: spans are exact, and records read as pymarc reads them.

pymarc is handed the bytes between record terminators one by one (its own reader stops at the first
damaged record), told that they are UTF-8, strictly; records that we decoded from something else are held
against other tools in `test_charsets.py`, repaired ones against a plain reading in `test_repaired.py`. What
we set aside and it reads is stated in `departures.py`, file by file. Where both read and differ, it must be
for one of two reasons:

- a field 00X with subfields: we keep the subfields, pymarc gives one value with delimiters in it;
- a subfield code that is no ASCII character: we keep it, pymarc drops it and takes what follows.
"""

from __future__ import annotations

import logging
from collections import Counter
from pathlib import Path

import pymarc
import pytest

from tests.corpus.departures import SET_ASIDE
from tests.corpus.expected import expectations
from tests.corpus.neutral import kept, of_batch, of_pymarc
from tests.fixtures import fixture_files, needs_fixtures, short
from transformer.extracts.model import Source
from transformer.readers import partitions, read, spans
from transformer.schema.batch import REASONS, SPAN_REPAIRED, SPAN_SEPARATOR, SPAN_SET_ASIDE

pytestmark = [pytest.mark.corpus, needs_fixtures]
FILES = fixture_files("iso2709")
ELSEWHERE = object()
SEPARATORS = b"\r\n \0\x1a"


@pytest.mark.parametrize("path", FILES, ids=short)
def test_spans_cover_the_file_exactly(path: Path) -> None:
    end = 0
    for part in spans(Source(path, "iso2709")):
        for start, count in zip(part.byte_start.tolist(), part.byte_count.tolist(), strict=True):
            assert start == end and count > 0
            end = start + count
    assert end == path.stat().st_size


@pytest.mark.parametrize("path", FILES, ids=short)
def test_as_many_records_as_terminators(path: Path) -> None:
    """Counted another way: pieces between record terminators that are more than separators."""
    pieces = [
        piece for piece in path.read_bytes().split(b"\x1d") if piece.strip(SEPARATORS + b"\xef\xbb\xbf")
    ]
    numbered = sum(int((part.kind != SPAN_SEPARATOR).sum()) for part in spans(Source(path, "iso2709")))
    assert numbered == len(pieces) + EXTRA_SPANS.get(short(path), 0)


@pytest.mark.parametrize("path", FILES, ids=short)
def test_reads_as_pymarc_does(path: Path) -> None:
    logging.disable(logging.CRITICAL)
    ours, aside = _read(path)
    unread: Counter[str] = Counter()
    for start, piece in _pieces(path.read_bytes()):
        theirs = _pymarc(piece)
        if theirs is None:
            continue
        if ours.get(start) is ELSEWHERE:
            continue
        if start not in ours:
            unread[aside[start]] += 1
            continue
        leader, fields = ours[start]
        assert kept(leader) == kept(theirs[0])
        assert len(fields) == len(theirs[1])
        for mine, other in zip(fields, theirs[1], strict=True):
            assert mine == other or _known_difference(mine, other), (start, mine, other)
    assert dict(unread) == SET_ASIDE.get(short(path), {}) or expectations()[short(path)].waits


def _read(path: Path) -> tuple[dict[int, object], dict[int, str]]:
    ours, aside = {}, {}
    for partition in partitions(Source(path, "iso2709")):
        result = read(partition)
        repaired = set(result.spans.record_no[result.spans.kind == SPAN_REPAIRED].tolist())
        for at in range(result.batch.record_count):
            own = result.encoding is None or result.encodings[result.encoding[at]] == "utf-8"
            own = own and int(result.batch.record_no[at]) not in repaired
            ours[int(result.batch.byte_start[at])] = of_batch(result.batch, at) if own else ELSEWHERE
        for at in (result.spans.kind == SPAN_SET_ASIDE).nonzero()[0]:
            aside[int(result.spans.byte_start[at])] = REASONS[result.spans.reason[at]]
    return ours, aside


def _pieces(data: bytes):
    """(offset, bytes with their terminator) between record terminators, separators passed over."""
    at = 0
    for chunk in data.split(b"\x1d")[:-1]:
        body = chunk.removeprefix(b"\xef\xbb\xbf").lstrip(SEPARATORS)
        yield at + len(chunk) - len(body), body + b"\x1d"
        at += len(chunk) + 1


def _pymarc(piece: bytes):
    """What pymarc makes of the bytes, or None where they are not UTF-8 or it refuses them."""
    try:
        piece.decode("utf-8")
        record = pymarc.Record(piece, to_unicode=True, force_utf8=True, utf8_handling="strict")
    except Exception:
        return None
    return of_pymarc(record)


def _known_difference(mine, other) -> bool:
    if mine[0].startswith("00") and len(other) == 2 and "\x1f" in other[1]:
        return True
    return len(mine) == 4 and any(not code.isascii() for code, _ in mine[3])


# Where a piece between terminators is not one span: file -> how many spans more.
EXTRA_SPANS: dict[str, int] = {
    # `00914` stands twice before the only record: the first five bytes are garbage.
    "permissive/encodings/indexdata+yaz/marc4.marc": 1,
    # A record terminator inside a field whose record has the right length all the same.
    "permissive/malformed/dchud+mrrc/fuzz-regressions/error_classification/non-ascii-tag-roundtrip.mrc": -1,
}
