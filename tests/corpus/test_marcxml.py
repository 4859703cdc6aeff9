"""Every MARCXML file that nobody here wrote: spans are exact, and records read as pymarc reads them.

pymarc knows only elements in the MARC 21 slim namespace or in none, so other files are compared with
lxml in `tests/unit/readers`. What we set aside and pymarc reads is stated in `departures.py`.
"""

from __future__ import annotations

import io
import logging
from pathlib import Path

import pymarc
import pytest

from tests.corpus.departures import XML_SET_ASIDE, XML_UNCOMPARED
from tests.corpus.neutral import kept, of_batch, of_pymarc
from tests.fixtures import fixture_files, needs_fixtures, short
from transformer.extracts.model import Source
from transformer.readers import partitions, read, spans
from transformer.schema.batch import REASONS, SPAN_SET_ASIDE

pytestmark = [pytest.mark.corpus, needs_fixtures]
FILES = fixture_files("marcxml")


@pytest.mark.parametrize("path", FILES, ids=short)
def test_spans_cover_the_file_exactly(path: Path) -> None:
    end = 0
    for part in spans(Source(path, "marcxml")):
        for start, count in zip(part.byte_start.tolist(), part.byte_count.tolist(), strict=True):
            assert start == end and count > 0
            end = start + count
    assert end == path.stat().st_size


@pytest.mark.parametrize("path", FILES, ids=short)
def test_reads_as_pymarc_does(path: Path) -> None:
    logging.disable(logging.CRITICAL)
    if reason := XML_UNCOMPARED.get(short(path)):
        pytest.skip(reason)
    theirs = [of_pymarc(r) for r in pymarc.parse_xml_to_array(io.BytesIO(path.read_bytes())) if r]
    ours, aside = [], []
    for partition in partitions(Source(path, "marcxml")):
        result = read(partition)
        ours += [of_batch(result.batch, at) for at in range(result.batch.record_count)]
        aside += [
            REASONS[result.spans.reason[at]] for at in (result.spans.kind == SPAN_SET_ASIDE).nonzero()[0]
        ]
    assert aside == XML_SET_ASIDE.get(short(path), [])
    assert len(ours) + len(aside) == len(theirs)
    if aside:
        theirs = [record for record in theirs if record[1] in [fields for _, fields in ours]]
    for mine, other in zip(ours, theirs, strict=True):
        assert kept(mine[0]) == kept(other[0])
        assert mine[1] == other[1]
