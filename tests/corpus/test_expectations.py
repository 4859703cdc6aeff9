"""Every file of the fixture folder has a row in expectations.csv, and becomes what the row says."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from tests.corpus.expected import Expectation, expectations
from tests.fixtures import FIXTURES, needs_fixtures, short
from transformer.errors import ExtractError
from transformer.extracts.model import Source
from transformer.extracts.shape import DelimitedShape
from transformer.extracts.spool import Spool
from transformer.readers import delimited, partitions_of_all, read
from transformer.schema.batch import SPAN_REPAIRED, SPAN_SEPARATOR, SPAN_SET_ASIDE

pytestmark = [pytest.mark.corpus, needs_fixtures]
ROWS = list(expectations().values()) if FIXTURES.is_dir() else []
KINDS = {"x": "holdings", "y": "holdings", "u": "holdings", "v": "holdings", "z": "authority"}


def rows(wanted: list[Expectation]) -> list[object]:
    return [
        pytest.param(
            row,
            id=row.path,
            marks=pytest.mark.xfail(reason=row.waits, strict=True) if row.waits else (),
        )
        for row in wanted
    ]


def test_every_file_has_a_row_and_every_row_a_file() -> None:
    files = {short(path) for path in FIXTURES.rglob("*") if path.is_file()}
    assert sorted(files ^ expectations().keys()) == []


def test_rows_say_who_else_read_the_file() -> None:
    assert [row.path for row in ROWS if row.is_marc and not row.oracle] == []
    assert [row.path for row in ROWS if not row.is_marc and not row.refused] == []


@pytest.mark.parametrize("row", rows([row for row in ROWS if row.is_marc]))
def test_marc(row: Expectation) -> None:
    with Spool() as spool:
        sources = spool.sources((FIXTURES / row.path,))
        assert {source.container for source in sources} == {row.what}
        spans, encodings, kinds = _read(sources)
    found = [spans.total() - spans[SPAN_SEPARATOR], spans[SPAN_SET_ASIDE], spans[SPAN_REPAIRED]]
    assert found == [int(row.records), int(row.set_aside), int(row.repaired)]
    assert _told(encodings) == row.encoding
    assert _told(kinds) == row.kind


def _read(sources: tuple[Source, ...]) -> tuple[Counter[int], Counter[str], Counter[str]]:
    """Spans by kind; records that come through by encoding and by kind."""
    spans: Counter[int] = Counter()
    encodings: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    for partition in partitions_of_all(sources):
        result = read(partition)
        batch = result.batch
        spans.update(result.spans.kind.tolist())
        if result.encoding is None:
            encodings[result.encodings[0]] += batch.record_count
        else:
            encodings.update(result.encodings[place] for place in result.encoding.tolist())
        for start in batch.leader.tolist():
            buffer, at = (batch.data, start) if start >= 0 else (batch.added, -1 - start)
            kinds[KINDS.get(chr(buffer[at + 6]), "bib")] += 1
    return spans, +encodings, kinds


def _told(count: Counter[str]) -> str:
    """`utf-8` where it is all, else `marc8 25, utf-8 475`."""
    if len(count) == 1:
        return next(iter(count))
    return ", ".join(f"{name} {number}" for name, number in sorted(count.items()))


@pytest.mark.parametrize("row", rows([row for row in ROWS if not row.is_marc]))
def test_what_is_no_marc_is_refused_with_a_message(row: Expectation) -> None:
    with Spool() as spool, pytest.raises(ExtractError) as caught:
        for partition in partitions_of_all(spool.sources((FIXTURES / row.path,))):
            read(partition)
    assert row.refused in str(caught.value)
    assert Path(row.path).name in str(caught.value)


@pytest.mark.parametrize("row", rows([row for row in ROWS if row.columns]))
def test_delimited(row: Expectation) -> None:
    """Rows and columns as Python's csv counts them; values are compared in test_delimited_fixtures.py."""
    with Spool() as spool:
        (plain,) = spool.plain(FIXTURES / row.path)
        quoted = '"' if row.path.endswith(".csv") else None
        shape = DelimitedShape("," if quoted else "\t", quoted, "")
        source = Source(plain.path, "delimited")
        shape = delimited.find_shape(source, shape)
        header = delimited.read_header(source, shape)
        found = [delimited.read(part, shape, header) for part in delimited.partitions(source, shape)]
        with plain.path.open(encoding="utf-8-sig", newline="") as file:
            quoting = csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
            lines = [
                line for line in csv.reader(file, delimiter=shape.delimiter or "", quoting=quoting) if line
            ]
    taken, aside = sum(len(part.table) for part in found), sum(len(part.set_aside) for part in found)
    assert [taken + aside, aside, len(header)] == [int(row.records), int(row.set_aside), int(row.columns)]
    assert [len(lines) - 1, len(lines[0])] == [taken + aside, len(header)]
