"""Real delimited files: Python's csv finds the same rows in them."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.fixtures import FIXTURES, needs_fixtures, short
from transformer.errors import ExtractError
from transformer.extracts.model import Source
from transformer.extracts.shape import DelimitedShape
from transformer.readers import delimited

pytestmark = [pytest.mark.corpus, needs_fixtures]

FILES = sorted([*FIXTURES.rglob("*.tsv"), *FIXTURES.rglob("*.csv")])

# Files whose head does not show a delimiter, and why.
NOT_FOUND = {
    "muse_journal_metadata_2013.tsv": "two lines of date and time stand before the header",
    "holdings_0001.tsv": "the header has six names, most rows five values",
}

# Lines with a quotation mark that is not closed. 236: the file knows no qualifier, and a description begins
# with a title in quotation marks.
OPEN = {("muse_journal_metadata_2013.tsv", '"'): [236]}


@pytest.mark.parametrize("path", FILES, ids=short)
@pytest.mark.parametrize("qualifier", ['"', None])
def test_rows_are_those_of_pythons_csv(path: Path, qualifier: str | None) -> None:
    source, shape = Source(path, "delimited"), DelimitedShape(None, qualifier, "")
    if path.name in NOT_FOUND:
        with pytest.raises(ExtractError, match="no delimiter fits"):
            delimited.find_shape(source, shape)
        shape = DelimitedShape("\t", qualifier, "")
    shape = delimited.find_shape(source, shape)
    header = delimited.read_header(source, shape)
    parts = list(delimited.partitions(source, shape, partition_bytes=50_000))
    results = [delimited.read(part, shape, header) for part in parts]
    rows = [
        list(row)
        for result in results
        for row in zip(*(column.to_pylist() for column in result.table.columns[3:]), strict=True)
    ]
    quoting = csv.QUOTE_MINIMAL if qualifier else csv.QUOTE_NONE
    with path.open(encoding="utf-8-sig", newline="") as file:
        expected = [row for row in csv.reader(file, delimiter=shape.delimiter or "", quoting=quoting) if row]
    assert rows == [row for row in expected[1:] if len(row) == len(header)]
    aside = [row for result in results for row in result.set_aside]
    assert len(rows) + len(aside) == sum(part.record_count for part in parts) == len(expected) - 1
    assert [row.line for row in aside if row.code != "row-field-count"] == OPEN.get(
        (path.name, qualifier), []
    )
    assert bool(aside) == (path.name in NOT_FOUND)
    spans = [count for result in results for count in result.spans.byte_count.tolist()]
    assert sum(spans) == path.stat().st_size


def test_there_are_files() -> None:
    assert len(FILES) >= 10
