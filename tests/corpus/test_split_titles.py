"""A real dump in which big titles are split over several records and holdings stand under their bib's number.

What is expected is counted with pymarc: titles, items by barcode, holdings, and which records are parts of
one title. Only the rules say that they are to be merged.
"""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymarc
import pytest

from tests.reading import Reading, read_case

FILE = (
    Path(__file__).resolve().parents[2]
    / "../shared/fixtures/permissive/symphony/psu-libraries+psulib_traject/sample_psucat.first364.mrc"
)
RULES = """
[number_shape.key]
pattern = "[A-Za-z0-9-]+"
[number.bib]
shape = "key"
[number.item]
shape = "key"
[number.patron]
shape = "key"
[dates.record]
patterns = ["M/D/YYYY"]
[dates.expiry]
patterns = ["YYYYMMDD"]
[dates.birth]
patterns = ["YYYYMMDD"]

[extract.bib]
container = "marc"
number = "001"
[[extract.bib.profile]]
name = "split"
signs = {}
merge = "same-number"
holdings = "interleaved"

[extract.mfhd]
container = "marc"
makes = "holdings"
inside = "bib"
key = ["852", "866", "867", "868"]

[extract.item_949]
container = "embedded"
makes = "item"
inside = "bib"
field = "949"
number = "i"
columns = { barcode = "i", location = "l", status = "k" }

[item_status]
columns = ["status"]

[map.location]
keys = ["code"]
columns = ["library", "location", "call_number_type"]
must = ["library", "location"]
[map.item_type]
keys = ["code"]
columns = ["item_policy", "physical_material_type"]
[map.patron_type]
keys = ["code"]
columns = ["user_group"]
"""


@pytest.fixture(scope="module")
def records() -> list[Any]:
    if not FILE.is_file():
        pytest.skip("the fixtures are not there")
    with FILE.open("rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return list(pymarc.MARCReader(file, to_unicode=True, permissive=True))


@pytest.fixture(scope="module")
def reading(records: list[Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reading]:
    folder = tmp_path_factory.mktemp("split")
    (folder / "extracts").mkdir()
    (folder / "extracts" / "titles.mrc").symlink_to(FILE)
    maps = {"location": "code,library,location\n*,MAIN,stacks\n"}
    with read_case({"rules": RULES, "maps": maps}, folder / "extracts", folder) as reading:
        yield reading


def parts_of(records: list[Any]) -> dict[str, list[int]]:
    parts = defaultdict(list)
    for number, record in enumerate(records):
        if record.leader[6] not in "uvxy":
            parts[record["001"].data.strip()].append(number)
    return parts


def test_parts_of_a_title_are_one_bib(records: list[Any], reading: Reading) -> None:
    found = {row["record_no"]: row["home"] for row in reading.rows("bib_key", ["record_no", "home"])}
    for number, record in enumerate(records):
        if record.leader[6] in "uvxy":
            assert found[number] == ""
    parts = parts_of(records)
    assert sum(len(numbers) > 1 for numbers in parts.values()) == 4
    for numbers in parts.values():
        assert [found[number] for number in numbers] == [numbers[0]] * len(numbers)


def test_items_of_all_parts_hang_on_the_first(records: list[Any], reading: Reading) -> None:
    wanted = {}
    for numbers in parts_of(records).values():
        for number in numbers:
            for field in records[number].get_fields("949"):
                wanted.setdefault(field["i"].strip(), numbers[0])
    rows = reading.rows("item_key", ["key", "parent_record_no"])
    assert {row["key"]: row["parent_record_no"] for row in rows} == wanted


def test_holdings_get_numbers_of_their_own_and_their_bib_as_parent(
    records: list[Any], reading: Reading
) -> None:
    rows = reading.rows("holdings_key", ["record_no", "number", "parent_number", "code"])
    assert [row["record_no"] for row in rows] == [n for n, r in enumerate(records) if r.leader[6] in "uvxy"]
    assert {row["code"] for row in rows} == {""}
    assert len({row["number"] for row in rows}) == len(rows)
    for row in rows:
        assert row["parent_number"] == records[row["record_no"]]["001"].data.strip()
        assert row["number"].startswith(row["parent_number"] + "-")


def test_statuses_are_those_of_the_fields(records: list[Any], reading: Reading) -> None:
    said = {f["i"].strip(): f["k"].strip() for r in records for f in r.get_fields("949") if "k" in f}
    rows = reading.rows("item_status_key", ["key", "kind", "code", "nth"])
    assert {row["key"]: row["code"] for row in rows} == said
    assert {(row["kind"], row["nth"]) for row in rows} == {("status", 1)}


def test_the_books_close(records: list[Any], reading: Reading) -> None:
    bibs = sum(record.leader[6] not in "uvxy" for record in records)
    titles = len(parts_of(records))
    ledger = {row[1]: row[2:] for row in reading.ledger}
    assert ledger["bib"] == (bibs, titles, bibs - titles, 0)
    assert ledger["holdings"] == (len(records) - bibs, len(records) - bibs, 0, 0)
    assert ledger["item"][0] == sum(ledger["item"][1:])
