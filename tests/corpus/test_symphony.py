"""The outcome of every real Symphony extract, written down beforehand and met.

Real ones among the fixtures: dumps of six libraries with items in 999 (Virginia in MARC-8, Stanford as JSON,
North Carolina State as MARCXML, single records of others) or in 949 (Penn State with split titles and MARC
holdings, Laurentian), and catalogue documents of Edmonton. What must come out is counted here with pymarc, a
few lines that take documents apart, and the reference (sources-other.md, 3.2 and 3.5): a bib for each 001, an
item for each id in $i, the status that $k or the home location $l says. Bibs without 001 are set aside with
their items.

No real selitem, selcallnum, users, charges or holds are there: they are tested in tests/cases/symphony only.
"""

from __future__ import annotations

import csv
import functools
import json
import logging
import re
import warnings
from collections import Counter
from pathlib import Path
from typing import Any

import pymarc
import pytest

from tests.fixtures import FIXTURES, needs_fixtures
from transformer.pipeline.explain import explain
from transformer.pipeline.run import run
from transformer.pipeline.start import init

pytestmark = [pytest.mark.corpus, needs_fixtures]

HERE = FIXTURES / "permissive/symphony"
OPEN = FIXTURES / "copyleft/malformed/internetarchive+openlibrary/bin_input"
POD = FIXTURES / "permissive/malformed/pod4lib+aggregator"
EVERGREEN = FIXTURES / "copyleft/bulk/evergreen-library-system+Evergreen"
NCCU = FIXTURES / "permissive/sierra/trln+marc-to-argot/nccu"


@functools.cache
def libraries() -> dict[str, tuple[str, tuple[Path, ...]]]:
    """Library -> the tag of its items, and its files."""
    return {
        "virginia": ("999", tuple(HERE.glob("solrmarc+solrmarc/*.mrc"))),
        "stanford": ("999", tuple(sorted(HERE.glob("sul-dlss+*/*.jsonl")))),
        "carolina": ("999", tuple(sorted(HERE.glob("trln+*/ncsu/*.xml")))),
        "penn-state": ("949", tuple(sorted(HERE.glob("psu-libraries+*/**/*.mrc")))),
        "laurentian": (
            "949",
            (
                *sorted(EVERGREEN.glob("*_1k.first500.mrc")),
                *sorted(EVERGREEN.glob("lul_fre_500.first250.mrc")),
                FIXTURES / "copyleft/malformed/pear+File_MARC/xmlescape.mrc",
            ),
        ),
        "edmonton": ("949", (*sorted(HERE.glob("anisbet+oclc4/*.flat")), HERE / "anisbet+oclc4/testA.mrk")),
        "others": (
            "999",
            (
                FIXTURES / "copyleft/encodings/marc4j+marc4j/cyrillic_capital_e.mrc",
                FIXTURES / "copyleft/malformed/marc4j+marc4j/bad-characters-in-various-fields.mrc",
                FIXTURES / "copyleft/malformed/marc4j+marc4j/field700_4_test.mrc",
                FIXTURES / "copyleft/malformed/marc4j+marc4j/u335.mrc",
                OPEN / "warofrebellionco1473unit_meta.mrc",
                POD / "9953670.marc",
                POD / "1297245.marc",
                POD / "67890.marcxml",
                NCCU / "primary_oclc_sirsi.xml",
                NCCU / "physical_media1.xml",
            ),
        ),
    }


# What a code says (sources 3.5, seed 003): base status; "" = a place or a code of the library's own, which
# only it can know. Codes that are no status at home are left out.
STATUS = {
    "CHECKEDOUT": "0", "MISSING": "0", "INTRANSIT": "0", "LOST": "0", "ON-ORDER": "0", "WITHDRAWN": "0",
    "INPROCESS": "0", "CATALOGING": "0", "BINDERY": "0", "REPAIR": "0", "DISCARD": "0", "HOLDS": "0",
    "LOST-ASSUM": "0", "LOST-CLAIM": "0", "LOST-PAID": "0", "RESHELVING": "1",
}  # fmt: skip


def documents(path: Path) -> list[pymarc.Record]:
    """The records of a file of documents, line by line."""
    found: list[pymarc.Record] = []
    for text in path.read_text(encoding="utf-8").split("*** DOCUMENT BOUNDARY ***\n")[1:]:
        record = pymarc.Record()
        # A line that is no tag goes on with the one before.
        joined = re.sub(r"\n(?=\|)", "", re.sub(r"\n(?!\.[0-9]{3}\.|FORM=|\|)", " ", text.rstrip("\n")))
        for line in joined.split("\n"):
            tag, value = line[1:4], line[6:]
            if line.startswith("FORM=") or tag == "000":
                continue
            if tag < "010":
                record.add_field(pymarc.Field(tag, data=value[2:]))
                continue
            parts = [pymarc.Subfield(part[0], part[1:]) for part in value[2:].split("|")[1:]]
            record.add_field(pymarc.Field(tag, [value[0], value[1]], parts))
        found.append(record)
    return found


def records(path: Path) -> list[pymarc.Record]:
    """All records of a file, read by others than us."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if path.suffix == ".jsonl":
            lines = path.read_text(encoding="utf-8").splitlines()
            return [
                r for line in lines if line.strip() for r in pymarc.JSONReader(json.dumps([json.loads(line)]))
            ]
        if path.suffix in (".xml", ".marcxml"):
            return list(pymarc.parse_xml_to_array(str(path)))
        if path.suffix == ".flat":
            return documents(path)
        if path.suffix == ".mrk":
            found = re.search(r"^=001 +(\S+)", path.read_text(encoding="utf-8"), re.M)
            record = pymarc.Record()
            if found is not None:
                record.add_field(pymarc.Field("001", data=found[1]))
            return [record]
        with path.open("rb") as file:
            return [r for r in pymarc.MARCReader(file, to_unicode=True, permissive=True) if r is not None]


@functools.cache
def expected(name: str) -> dict[str, Any]:
    """Numbers of bibs, items by id, and holdings, of a library."""
    tag, files = libraries()[name]
    bibs: list[str] = []
    holdings = unnumbered = fields = lost = 0
    items: dict[str, dict[str, str]] = {}
    for path in files:
        for record in records(path):
            if record.leader[6] in "uvxy" and path.suffix != ".flat":
                holdings += 1
                continue
            number = record["001"].data.strip() if "001" in record else ""
            unnumbered += not number
            bibs += [number] if number else []
            for field in record.get_fields(tag):
                found = {s.code: s.value.strip() for s in reversed(field.subfields)}
                if found.get("i"):
                    fields += 1
                    lost += not number
                    if number:
                        items.setdefault(found["i"], {**found, "bib": number})
    return {
        "bibs": bibs, "unnumbered": unnumbered, "items": items, "fields": fields, "lost": lost,
        "holdings": holdings,
    }  # fmt: skip


def delivered(folder: Path, kind: str) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = []
    for file in sorted((folder / "out" / kind).glob(f"{kind}-*.csv")):
        with file.open(newline="", encoding="utf-8") as lines:
            rows += csv.DictReader(lines)
    return rows


@pytest.fixture(scope="module", params=sorted(libraries()))
def done(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Any]:
    """Each library, with every location known, run once."""
    name = request.param
    logging.disable(logging.CRITICAL)
    folder = tmp_path_factory.mktemp(name) / "library"
    init("symphony", folder)
    tag, files = libraries()[name]
    for number, path in enumerate(files):
        (folder / "extracts" / f"{number:03d}-{path.name}").symlink_to(path)
    if tag != "999":
        (folder / "rules" / "site.toml").write_text(f'[extract.item_marc]\nfield = "{tag}"\n')
    (folder / "rules/maps/location.csv").write_text("from_library,from_location,library,location\n*,*,M,s\n")
    project = (folder / "transformer.toml").read_text().replace('"migration"', '"self-load"')
    (folder / "transformer.toml").write_text(project)
    return name, run(folder)


def test_figures() -> None:
    """What the counts below rest on."""
    figures = {name: expected(name) for name in libraries()}
    shown = {
        name: (
            len(f["bibs"]), len(set(f["bibs"])), f["unnumbered"], f["fields"], len(f["items"]), f["lost"],
            f["holdings"],
        )
        for name, f in figures.items()
    }  # fmt: skip
    # bibs, titles, bibs without 001, fields of items, items, fields in bibs without 001, holdings
    assert shown == {
        "carolina": (17, 16, 6, 172, 121, 50, 0),
        "edmonton": (16, 5, 0, 2, 2, 0, 0),
        "laurentian": (751, 751, 0, 1087, 1087, 0, 0),
        "others": (12, 12, 0, 153, 153, 0, 1),
        "penn-state": (224, 210, 0, 10411, 10411, 0, 148),
        "stanford": (237, 225, 1, 32, 24, 0, 0),
        "virginia": (1000, 1000, 0, 1463, 1463, 0, 0),
    }


def test_books(done: tuple[str, Any]) -> None:
    name, made = done
    want = expected(name)
    counted = Counter[str]()
    for row in made.ledger:
        for column in ("read", "written", "merged", "set_aside"):
            counted[f"{row.kind} {column}"] += getattr(row, f"{column}_count")
    assert counted["bib read"] == len(want["bibs"]) + want["unnumbered"]
    assert counted["bib written"] == len(set(want["bibs"]))
    assert counted["bib set_aside"] == want["unnumbered"]
    assert counted["item read"] == want["fields"]
    assert counted["item written"] == len(want["items"])
    assert counted["item set_aside"] == want["lost"]
    assert counted["holdings read"] == want["holdings"]
    assert counted["holdings set_aside"] == 0


def test_items(done: tuple[str, Any]) -> None:
    name, made = done
    want = expected(name)["items"]
    items = {row["item_number"]: row for row in delivered(made.folder, "item")}
    assert items.keys() == want.keys()
    for number, found in want.items():
        item = items[number]
        assert item["bib_number"] == found["bib"]
        assert item["source_location"] == f"{found['m']}/{found['l']}"
        assert item["source_item_type"] == found.get("t", "")
        assert item["barcode"] == found["i"].replace(" ", "")


def test_statuses(done: tuple[str, Any]) -> None:
    name, made = done
    want = Counter[tuple[str, str]]()
    for found in expected(name)["items"].values():
        codes = [code for code in (found.get("k", ""), found["l"]) if code in STATUS]
        unknown = found.get("k", "") not in ("", *STATUS)
        codes = list(dict.fromkeys(codes))
        base = "0" if "0" in map(STATUS.get, codes) else "" if unknown else "1"
        shown = "|".join(dict.fromkeys([*([found["k"]] if unknown else []), *codes]))
        want[(base, shown)] += 1
    rows = delivered(made.folder, "item")
    assert Counter((row["base_status"], row["source_status"]) for row in rows) == want


def test_dates_and_prices(done: tuple[str, Any]) -> None:
    name, made = done
    items = {row["item_number"]: row for row in delivered(made.folder, "item")}
    for number, found in expected(name)["items"].items():
        if "ON-ORDER" not in (found.get("k"), found["l"]):
            month, day, year = [*found.get("u", "").split("/"), "", ""][:3] if "u" in found else ("", "", "")
            date = f"{year}-{month:0>2}-{day:0>2}" if year else ""
            assert items[number]["arrival_date"] == date
        assert items[number]["inventory_price"] == found.get("p", "").removeprefix("$")


def test_call_numbers_and_notes_lose_nothing(done: tuple[str, Any]) -> None:
    name, made = done
    items = {row["item_number"]: row for row in delivered(made.folder, "item")}
    for number, found in expected(name)["items"].items():
        own = found.get("a", "")
        if not own or own.startswith("XX"):
            continue
        item = items[number]
        volume = "" if "v" in found else item["description"]
        assert (item["call_number"] + volume).replace(" ", "") == own.replace(" ", "")


@pytest.mark.parametrize("done", ["penn-state"], indirect=True)
def test_items_find_the_holdings_of_their_place(done: tuple[str, Any]) -> None:
    """All places are one here, and each bib has at most one place: items of bibs with holdings find one of
    them, the others get one that is made."""
    name, made = done
    with_holdings = {
        record["001"].data.strip()
        for path in libraries()[name][1]
        for record in records(path)
        if record.leader[6] in "uvxy"
    }
    files = sorted((made.folder / "out/holdings").glob("holdings-record-*.xml"))
    found = {
        record["001"].data: record["004"].data
        for file in files
        for record in pymarc.parse_xml_to_array(str(file))
    }
    assert len(found) == expected(name)["holdings"]
    for row in delivered(made.folder, "item"):
        assert (found.get(row["holding_number"]) == row["bib_number"]) == (row["bib_number"] in with_holdings)


@pytest.mark.parametrize("done", ["penn-state"], indirect=True)
def test_an_item_with_holdings_is_explained(done: tuple[str, Any]) -> None:
    thing = explain(done[1].folder, "000021534850").things[0]
    assert thing.fate == "Delivered as item 000021534850."


@pytest.mark.parametrize("done", ["edmonton"], indirect=True)
def test_documents_field_by_field(done: tuple[str, Any]) -> None:
    name, made = done
    written = {
        record["001"].data: record
        for file in sorted((made.folder / "out/bib").glob("*.xml"))
        for record in pymarc.parse_xml_to_array(str(file))
    }
    for path in libraries()[name][1]:
        if path.name != "testA.flat":
            continue
        for record in documents(path):
            ours = written[record["001"].data]
            for tag in ("008", "245", "505", "650"):
                assert [str(f) for f in ours.get_fields(tag)] == [str(f) for f in record.get_fields(tag)]
            # .000. |ajm  0c a: a sound recording, a monograph, corrected.
            assert ours.leader[5:8] == {"aocn779882439": "cjm", "ocn779882439": "cjm"}.get(
                record["001"].data, "ngm"
            )
