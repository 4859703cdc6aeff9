"""Every MARCXML file that nobody here wrote: spans are exact, and records read as pymarc reads them.

What we set aside and pymarc reads is stated in `departures.py`, with the reason. Where both read and
differ, it must be for one of two reasons: an empty indicator, which we read as blank; or a data field
00X, whose subfields we keep and pymarc drops. A file that pymarc cannot read at all (26 of them: broken
XML, leaders of wrong length, missing attributes) must be read by us without an exception, or refused
with a message because no record is in it.
"""

from __future__ import annotations

import io
import logging
from pathlib import Path
from typing import Any

import pymarc
import pytest
from lxml import etree

from tests.corpus.departures import XML_SET_ASIDE
from tests.corpus.expected import expectations
from tests.corpus.neutral import Record, kept, of_batch, of_pymarc
from tests.fixtures import fixture_files, needs_fixtures, short
from tests.oracles import lxml_xml
from transformer.errors import ExtractError
from transformer.extracts.model import Source
from transformer.readers import partitions, read, spans
from transformer.schema.batch import REASONS, SPAN_SET_ASIDE

pytestmark = [pytest.mark.corpus, needs_fixtures]
FILES = fixture_files("marcxml")
DECLARED_FALSELY = {"permissive/symphony/trln+marc-to-argot/ncsu/music-recording-with-notes.xml"}
NOT_WELL_FORMED = {row.path for row in expectations().values() if "not well-formed" in row.note}


@pytest.mark.parametrize("path", FILES, ids=short)
def test_spans_cover_the_file_exactly(path: Path) -> None:
    end = 0
    try:
        for part in spans(Source(path, "marcxml")):
            for start, count in zip(part.byte_start.tolist(), part.byte_count.tolist(), strict=True):
                assert start == end and count > 0
                end = start + count
    except ExtractError as error:
        assert "no MARC record" in error.what
        assert not _pymarc(path)
        return
    assert end == path.stat().st_size


@pytest.mark.parametrize("path", FILES, ids=short)
def test_reads_as_pymarc_does(path: Path) -> None:
    try:
        ours, aside = _ours(path)
    except ExtractError as error:
        assert "no MARC record" in error.what
        return
    theirs = _pymarc(path)
    if theirs is None:
        return
    count, _ = XML_SET_ASIDE.get(short(path), (0, ""))
    assert aside == ["xml-structure"] * count
    assert len(ours) + count == len(theirs)
    at = 0
    for leader, fields in ours:
        while not _same(leader, fields, theirs[at]):
            at += 1  # one that we set aside; running out of records fails
        at += 1


@pytest.mark.parametrize("path", FILES, ids=short)
def test_reads_as_lxml_does(path: Path) -> None:
    """Also the files that pymarc cannot read. A leader that is missing, has blanks behind it or lacks
    some is ours."""
    try:
        theirs = lxml_xml(_bytes(path))
    except etree.XMLSyntaxError:
        assert short(path) in NOT_WELL_FORMED
        return
    ours, aside = _ours(path)
    empty = int(expectations()[short(path)].records) - len(theirs)
    assert len(ours) + len(aside) == len(theirs) + empty
    at = 0
    for leader, fields in ours:
        while not _same(leader, fields, _whole(theirs[at], leader)):
            at += 1  # one that we set aside; running out of records fails
        at += 1


def _bytes(path: Path) -> bytes:
    """What another tool is given: the file, without a declaration that the bytes prove false."""
    data = path.read_bytes()
    return data.replace(b"ISO-8859-1", b"UTF-8", 1) if short(path) in DECLARED_FALSELY else data


def _whole(record: tuple[str | None, list[tuple[Any, ...]]], leader: str) -> Record:
    """lxml's record with a leader of 24 characters: ours, where theirs lacks blanks or its end alone."""
    theirs, fields = record
    if not theirs or (len(theirs) < 24 and leader.replace(" ", "").startswith(theirs.replace(" ", ""))):
        return leader, fields
    return theirs[:24], fields


def _same(leader: str, fields: list[tuple[Any, ...]], other: Record) -> bool:
    return (
        kept(leader) == kept(other[0])
        and len(fields) == len(other[1])
        and all(a == b or _known_difference(a, b) for a, b in zip(fields, other[1], strict=True))
    )


def _known_difference(mine: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    if mine[0].startswith("00") and other == (mine[0], None):
        return True
    return len(other) == 4 and mine == (other[0], other[1] or " ", other[2] or " ", other[3])


def _ours(path: Path) -> tuple[list[Record], list[str]]:
    ours, aside = [], []
    for partition in partitions(Source(path, "marcxml")):
        result = read(partition)
        ours += [of_batch(result.batch, at) for at in range(result.batch.record_count)]
        aside += [
            REASONS[result.spans.reason[at]] for at in (result.spans.kind == SPAN_SET_ASIDE).nonzero()[0]
        ]
    return ours, aside


def _pymarc(path: Path) -> list[Record] | None:
    """pymarc's reading, or None where it raises."""
    logging.disable(logging.CRITICAL)
    try:
        records = pymarc.parse_xml_to_array(io.BytesIO(_bytes(path)))
    except Exception:
        return None
    return [of_pymarc(record) for record in records if record]
