"""What is stated beforehand for every fixture file: `expectations.csv`, and what MARC::Record makes of them.

Columns of expectations.csv, one row a file:

- path: as in SOURCES.md. packing: gzip, or empty.
- what: the MARC container, or `not MARC: ` and what it is instead.
- flavour: MARC 21, UNIMARC, danMARC2 ...; kind: bib, holdings, authority, or how many of each. By leader/06.
- encoding: how many records are in which, `utf-8` alone where it is all of them (ASCII is UTF-8).
- records: how many there are, those set aside included; set_aside; repaired (each of these has an issue,
  and its bytes are in set-aside as well). For a delimited file: rows; columns: values in a row.
- refused: words of the error where `convert` does not take the file.
- oracle: who else read it and agrees record for record; who_is_right: where tools differ, in one line.
- waits: what our reader does not do yet; the test of such a row must fail, so that it cannot be forgotten.

None of the figures is our own reader's: records are counted by record terminators, by elements with a
leader or fields, by changes of the system number, by `=LDR`, by "leader"; what is damaged was judged by
looking at the bytes.
"""

from __future__ import annotations

import csv
import functools
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
FILE = HERE / "expectations.csv"


@dataclass(frozen=True, slots=True)
class Expectation:
    """One row."""

    path: str
    what: str
    packing: str
    flavour: str
    kind: str
    encoding: str
    records: str
    set_aside: str
    repaired: str
    columns: str
    refused: str
    oracle: str
    who_is_right: str
    note: str
    waits: str

    @property
    def is_marc(self) -> bool:
        """Whether it is a MARC file that we read."""
        return not self.what.startswith("not MARC") and not self.refused


@functools.cache
def expectations() -> dict[str, Expectation]:
    """Path -> row, in the order of the file."""
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = [Expectation(**row) for row in csv.DictReader(file)]
    assert len({row.path for row in rows}) == len(rows)
    return {row.path: row for row in rows}
