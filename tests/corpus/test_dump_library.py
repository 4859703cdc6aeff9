"""A real library as a dump of its tables: records in a column, items in rows.

What is expected is counted in the files with regular expressions, which know nothing of SQL or MARC. One
record (of bib 369) holds delimiters of ISO 2709 in its control fields, which no XML may: it is set aside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.corpus.test_split_titles import RULES
from tests.reading import Reading, read_case

FOLDER = Path(__file__).resolve().parents[2] / "../shared/fixtures/copyleft/koha/joubu+koha-misc4dev"
OWN = """
[number_shape.key]
pattern = "[0-9]+"
[extract.bib]
container = "marc"
dump = "biblio_metadata.metadata"
number = "999c"
[extract.item]
container = "dump"
table = "items"
number = "number"
parent = "bib"
blanks = { lost = ["0"], damaged = ["0"], withdrawn = ["0"], not_for_loan = ["0"] }
[extract.item.headers]
itemnumber = "number"
biblionumber = "bib"
barcode = "barcode"
homebranch = "location"
itemlost = "lost"
damaged = "damaged"
withdrawn = "withdrawn"
notforloan = "not_for_loan"
[item_status]
columns = ["lost", "damaged", "withdrawn", "not_for_loan"]
"""


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reading]:
    if not FOLDER.is_dir():
        pytest.skip("the fixtures are not there")
    folder = tmp_path_factory.mktemp("dump")
    extracts = folder / "extracts"
    extracts.mkdir()
    for name in ("biblio.sql", "biblio_metadata.sql", "items.sql"):
        (extracts / name).symlink_to(FOLDER / name)
    rules = (
        OWN
        + RULES[RULES.index("[number.bib]") : RULES.index("[extract.bib]")]
        + RULES[RULES.index("[map.l") :]
    )
    with read_case(
        {"rules": rules, "maps": {"location": "code,library,location\n*,M,s\n"}}, extracts, folder
    ) as made:
        yield made


def numbers(name: str, pattern: str) -> list[tuple[str, ...]]:
    return re.findall(pattern, (FOLDER / name).read_text(encoding="utf-8"), re.M)


def bibs() -> list[str]:
    """Bib numbers of the rows, without that of the record that is no XML."""
    rows = numbers("biblio_metadata.sql", r"\((\d+),\s*(\d+),\s*'marcxml'")
    return [bib for _, bib in rows if bib != "369"]


def test_every_record_of_the_table_is_a_bib(reading: Reading) -> None:
    assert len(bibs()) == 435
    assert [row["number"] for row in reading.rows("bib_key", ["record_no", "number"])] == bibs()
    assert [(kind, code) for kind, code, _ in reading.aside if kind == "bib"] == [("bib", "xml-malformed")]


def test_every_item_hangs_on_its_bib(reading: Reading) -> None:
    rows, known = numbers("items.sql", r"^\((\d+),\s*(\d+),"), {*bibs()}
    found = reading.rows("item_key", ["key", "parent_number"])
    assert {row["key"]: row["parent_number"] for row in found} == {
        item: bib if bib in known else "" for item, bib in rows
    }
    lost = sum(bib not in known for _, bib in rows)
    ledger = {row[:2]: row[2:] for row in reading.ledger}
    assert ledger["items.sql", "item"] == (len(rows), len(rows) - lost, 0, lost)
    assert ledger["biblio_metadata.sql/biblio_metadata.metadata", "bib"] == (436, 435, 0, 1)


def test_a_table_that_no_rule_reads_is_told(reading: Reading) -> None:
    assert [(path.name, why) for path, why in reading.planned.unused] == [
        ("biblio.sql", "no rule reads one of its tables (biblio)")
    ]
