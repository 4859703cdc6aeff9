"""The outcome of every real Koha extract, written down beforehand and met.

Real ones among the fixtures: a dump of one library (records as MARCXML in a column, items in a table of their
own), two lists of codes as SQL, one exported record with three 952, and one record without items in two
spellings. No other fixture with a 952 or 995 is Koha's: none has a number of an item in $9. What must come
out is counted here with lxml, pymarc and a regular expression over the rows of the dump, which know nothing
of our reader. The dump's items are all available; statuses are tested in tests/cases/koha.

No real MARC export with many items, no report and no UNIMARC are there. The first two are made here of the
dump's own rows, with the subfields and headers of the reference (sources-other.md, 2.2 and 2.4): three forms
of one library must give the same items.
"""

from __future__ import annotations

import csv
import functools
import io
import logging
import re
from collections import Counter
from pathlib import Path
from typing import Any

import lxml.etree
import pymarc
import pytest

from tests.fixtures import FIXTURES, needs_fixtures
from transformer.pipeline.run import run
from transformer.pipeline.start import init

pytestmark = [pytest.mark.corpus, needs_fixtures]

DUMP = FIXTURES / "copyleft/koha/joubu+koha-misc4dev"
LISTS = FIXTURES / "copyleft/koha/digibib+koha-work/en/optional"
MARC = (
    FIXTURES / "copyleft/marcxml/NatLibFi+RecordManager/Base/record/marc-broken.xml",
    FIXTURES / "copyleft/malformed/marc4j+marc4j/1474920681_KOHA_LFL_5.xml",
    FIXTURES / "copyleft/malformed/marc4j+marc4j/1474920681_KOHA_LFL_6_with_comment.xml",
)
MAP = "branch,shelf,collection,library,location\n*,*,*,MAIN,stacks\n"
TYPES = (
    "code,item_policy,physical_material_type\nBK,loan,BOOK\nMU,media,CD\nVM,media,DVD\nLAINA28,loan,BOOK\n"
)

VALUE = re.compile(r"'((?:[^'\\]|\\.)*)'|(NULL)|(-?[0-9.]+)", re.S)
SUBFIELDS = {
    "0": "withdrawn", "1": "itemlost", "2": "cn_source", "3": "materials", "4": "damaged", "5": "restricted",
    "7": "notforloan", "8": "ccode", "9": "itemnumber", "a": "homebranch", "b": "holdingbranch",
    "c": "location", "d": "dateaccessioned", "e": "booksellerid", "g": "price", "h": "enumchron",
    "i": "stocknumber",
    "l": "issues", "m": "renewals", "n": "reserves", "o": "itemcallnumber", "p": "barcode", "q": "onloan",
    "r": "datelastseen", "s": "datelastborrowed", "t": "copynumber", "u": "uri", "v": "replacementprice",
    "x": "itemnotes_nonpublic", "y": "itype", "z": "itemnotes",
}  # fmt: skip


@functools.cache
def table(name: str) -> list[dict[str, str]]:
    """The rows of a table of the dump, by column; a NULL is left out."""
    text = (DUMP / f"{name}.sql").read_text(encoding="utf-8")
    head = re.search(r"INSERT INTO `\w+` \(([^)]*)\) VALUES", text)
    assert head is not None
    names = [column.strip(" `") for column in head[1].split(",")]
    values: list[str | None] = []
    for found in VALUE.finditer(text, head.end()):
        shown = None if found[2] else found[3]
        if found[1] is not None:
            shown = re.sub(r"\\(.)", lambda m: {"n": "\n", "r": "\r", "t": "\t"}.get(m[1], m[1]), found[1])
        values.append(shown)
    assert len(values) % len(names) == 0
    rows = [values[at : at + len(names)] for at in range(0, len(values), len(names))]
    return [{k: v for k, v in zip(names, row, strict=True) if v is not None} for row in rows]


@functools.cache
def bibs() -> dict[str, bytes]:
    """Biblionumber -> MARCXML of the records that are well-formed XML."""
    found = {}
    for row in table("biblio_metadata"):
        try:
            lxml.etree.fromstring(row["metadata"].encode())
        except lxml.etree.XMLSyntaxError:
            continue
        found[row["biblionumber"]] = row["metadata"].encode()
    return found


def delivered(folder: Path, kind: str) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = []
    for file in sorted((folder / "out" / kind).glob("*.csv")):
        with file.open(newline="", encoding="utf-8") as lines:
            rows += csv.DictReader(lines)
    return rows


def run_library(folder: Path, files: dict[str, Path | bytes]) -> Any:
    """A library of these extracts, with every location known, run once."""
    logging.disable(logging.CRITICAL)
    init("koha", folder)
    for name, held in files.items():
        path = folder / "extracts" / name
        path.write_bytes(held) if isinstance(held, bytes) else path.symlink_to(held)
    (folder / "rules/maps/location.csv").write_text(MAP)
    (folder / "rules/maps/item_type.csv").write_text(TYPES)
    project = (folder / "transformer.toml").read_text()
    (folder / "transformer.toml").write_text(
        project.replace('"migration"', '"self-load"').replace("# suppress = []", 'suppress = ["1"]')
    )
    return run(folder)


@pytest.fixture(scope="module")
def dump(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The dump as it is, and the lists of codes."""
    files: dict[str, Path | bytes] = {path.name: path for path in DUMP.glob("*.sql")}
    files |= {path.name: path for path in LISTS.glob("*.sql")}
    return run_library(tmp_path_factory.mktemp("dump") / "library", files)


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The same as ISO 2709 with 952, as the export writes it."""
    items: dict[str, list[dict[str, str]]] = {}
    for row in table("items"):
        items.setdefault(row["biblionumber"], []).append(row)
    out = io.BytesIO()
    for number, xml in bibs().items():
        record = pymarc.parse_xml_to_array(io.BytesIO(xml))[0]
        for row in items.get(number, ()):
            parts = [pymarc.Subfield(code, row[name]) for code, name in SUBFIELDS.items() if row.get(name)]
            record.add_field(pymarc.Field("952", [" ", " "], parts))
        out.write(record.as_marc())
    folder = tmp_path_factory.mktemp("exported") / "library"
    return run_library(folder, {"bibs.mrc": out.getvalue()})


@pytest.fixture(scope="module")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The same as bibs without items and a report on the table of items."""
    names = list(dict.fromkeys(name for row in table("items") for name in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, names)
    writer.writeheader()
    writer.writerows(table("items"))
    xml = b"<collection>" + b"\n".join(x[x.index(b"<record") :] for x in bibs().values()) + b"</collection>"
    folder = tmp_path_factory.mktemp("reported") / "library"
    return run_library(folder, {"bibs.xml": xml, "items.csv": out.getvalue().encode()})


def test_figures_of_the_dump() -> None:
    """What the counts below rest on: one record is no XML (it has U+001F in it), three items have no bib."""
    assert (len(table("biblio_metadata")), len(bibs())) == (436, 435)
    assert len(table("items")) == 961
    assert sum(row["biblionumber"] not in bibs() for row in table("items")) == 3


def test_books_of_the_dump(dump: Any) -> None:
    rows = {(row.source_file.partition("/")[0], row.kind): row for row in dump.ledger}
    bib, item = rows["biblio_metadata.sql", "bib"], rows["items.sql", "item"]
    assert (bib.read_count, bib.written_count, bib.set_aside_count) == (436, 435, 1)
    assert (item.read_count, item.written_count, item.set_aside_count) == (961, 958, 3)
    assert rows["sample_itemtypes.sql", "code_list"].read_count == 8
    assert rows["sample_libraries.sql", "code_list"].read_count == 12


def test_suppressed_bibs(dump: Any) -> None:
    told = Counter(
        any(field.get("tag") == "942" and field.findtext("{*}subfield[@code='n']") == "1" for field in xml)
        for xml in map(lxml.etree.fromstring, bibs().values())
    )
    written = Counter(
        "suppressed" in file.name
        for file in (dump.folder / "out").rglob("*.xml")
        if "holdings" not in file.name
        for _ in pymarc.parse_xml_to_array(str(file))
    )
    assert written == told


def test_items_by_location_type_and_status(dump: Any) -> None:
    rows = [row for row in table("items") if row["biblionumber"] in bibs()]
    items = delivered(dump.folder, "item")
    places = (
        [row.get("homebranch"), row.get("permanent_location") or row.get("location"), row.get("ccode")]
        for row in rows
    )
    assert Counter(row["source_location"] for row in items) == Counter(
        "/".join(part for part in place if part) for place in places
    )
    assert Counter(row["source_item_type"] for row in items) == Counter(row["itype"] for row in rows)
    statuses = ("itemlost", "damaged", "withdrawn", "notforloan")
    available = sum(all(row.get(name, "0") == "0" for name in statuses) for row in rows)
    assert Counter(row["base_status"] for row in items) == {"1": available}


def test_each_item_of_the_dump(dump: Any) -> None:
    rows = {row["itemnumber"]: row for row in table("items") if row["biblionumber"] in bibs()}
    items = {row["item_number"]: row for row in delivered(dump.folder, "item")}
    assert items.keys() == rows.keys()
    for number, row in rows.items():
        item = items[number]
        assert item["bib_number"] == row["biblionumber"]
        assert item["barcode"] == row.get("barcode", "")
        assert item["arrival_date"] == row.get("dateaccessioned", "")
        assert item["public_note"] == row.get("itemnotes", "")
        assert item["description"] == row.get("enumchron", "")
        if row.get("itemcallnumber"):
            assert item["call_number"].split() == row["itemcallnumber"].split()


def test_three_forms_of_a_library_give_the_same_items(dump: Any, exported: Any, reported: Any) -> None:
    moved = {
        row["itemnumber"]
        for row in table("items")
        if row.get("permanent_location") not in (None, row.get("location"))
    }
    whole = {row["item_number"]: row for row in delivered(dump.folder, "item")}
    assert {row["item_number"]: row for row in delivered(reported.folder, "item")} == whole
    # 952 has no permanent location.
    found = {row["item_number"]: row for row in delivered(exported.folder, "item")}
    assert found.keys() == whole.keys()
    assert {k: v for k, v in found.items() if k not in moved} == {
        k: v for k, v in whole.items() if k not in moved
    }


def test_no_952_is_left_in_the_bibs(exported: Any) -> None:
    for file in (exported.folder / "out").rglob("*bib*.xml"):
        for record in pymarc.parse_xml_to_array(str(file)):
            assert not record.get_fields("942", "952", "999")


def test_exported_records(tmp_path: Path) -> None:
    """One record of 2020 with three 952, and one without any in two files. Written down by hand."""
    made = run_library(tmp_path / "library", {path.name: path for path in MARC})
    rows = {row.source_file: row for row in made.ledger if row.kind == "bib"}
    assert {row.written_count for row in rows.values()} == {1}
    wanted = ("item_number", "barcode", "source_location", "call_number", "arrival_date", "inventory_price")
    assert [tuple(row[name] for name in wanted) for row in delivered(made.folder, "item")] == [
        ("74909", "1583037376", "EVO/VAR", "Varasto TENHOLA", "2003-12-16", "37.80"),
        ("78346", "1583086113", "LEPAA/KIR", "630 METSÄTALOUS", "2004-11-01", "35.27"),
        ("78348", "1583086115", "LEPAA/KIR", "630 METSÄTALOUS", "2004-11-01", "35.27"),
    ]
    assert {
        (row["bib_number"], row["source_item_type"], row["policy"], row["base_status"])
        for row in delivered(made.folder, "item")
    } == {("25", "LAINA28", "loan", "1")}
    numbers = [
        record["001"].data
        for file in sorted((made.folder / "out/bib").glob("*.xml"))
        for record in pymarc.parse_xml_to_array(str(file))
    ]
    assert sorted(numbers) == ["25", "5", "5"]
