"""The delivered MARCXML as other tools see it, and every field that no rule names as it was before."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pymarc
import pytest
from lxml import etree

from tests.slim import validate
from tests.streaming.sites import Delivery, Site, make_site

RULED = {"A": ("907", "998"), "B": ("907", "902", "998"), "C": ("907", "999")}
"""Tags that the rules drop from the bibs of each layout, beside 001 and 003 and the items in 945."""

Fields = list[tuple[Any, ...]]


@pytest.fixture(scope="module", params=["A", "B", "C"])
def library(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Site, Delivery]:
    site = make_site(
        tmp_path_factory.mktemp("xml") / "lib", layout=request.param, bibs=300, seed=21, dirt=0.0
    )
    return site, site.run()


def xml_files(delivery: Delivery) -> list[Path]:
    return sorted(
        [*(delivery.folder / "out/bib").glob("*.xml"), *(delivery.folder / "out/holdings").glob("*.xml")]
    )


def test_every_file_meets_the_schema(library: tuple[Site, Delivery]) -> None:
    files = xml_files(library[1])
    assert {path.name.split("-")[0] for path in files} == {"bib", "holdings"}
    for path in files:
        assert validate(path) == []


def test_counts_agree_between_tools(library: tuple[Site, Delivery]) -> None:
    """pymarc, lxml and the run itself count the same records in each file."""
    told = {file.name: file.record_count for file in library[1].result.files}
    for path in xml_files(library[1]):
        root = etree.parse(str(path)).getroot()
        name = f"{path.parent.name}/{path.name}"
        assert told[name] == len(root.findall("{*}record"))
        assert told[name] == len(pymarc.parse_xml_to_array(str(path)))


@pytest.mark.skipif(shutil.which("yaz-marcdump") is None, reason="yaz-marcdump is not installed")
def test_yaz_reads_every_record_alike(library: tuple[Site, Delivery], tmp_path: Path) -> None:
    for path in xml_files(library[1]):
        made = tmp_path / path.name
        with made.open("wb") as out:
            words = ["yaz-marcdump", "-i", "marcxml", "-o", "marc", str(path)]
            done = subprocess.run(words, stdout=out, stderr=subprocess.PIPE, check=True)
        assert done.stderr == b""
        with made.open("rb") as file:
            by_yaz = [record for record in pymarc.MARCReader(file, to_unicode=True, force_utf8=True)]
        by_pymarc = pymarc.parse_xml_to_array(str(path))
        assert [fields_of(r) for r in by_yaz if r] == [fields_of(r) for r in by_pymarc]


def test_fields_that_no_rule_names_are_as_they_were(library: tuple[Site, Delivery]) -> None:
    """In order, to the last character; and of the leader all but lengths, address and 09."""
    site, delivery = library
    layout = site.key.settings["layout"]
    made = {r["001"].data: r for stream in (False, True) for r in delivery.bibs(stream)}
    source = read_all(site.extracts / "bib.mrc")
    assert len(source) == len(made) == site.key.counts["bib"]["planted"]
    for before in source:
        after = made[before["907"]["a"].removeprefix(".")]
        assert fields_of(after, added=True) == fields_of(before, RULED[layout])
        assert leader(after) == leader(before)
        assert str(after.leader)[9] == "a"


def test_new_fields_stand_behind_their_tag(library: tuple[Site, Delivery]) -> None:
    """001 first; a new 035 behind the old ones and before the first higher tag."""
    for record in library[1].bibs(False):
        tags = [field.tag for field in record.fields]
        assert tags[0] == "001"
        assert tags.count("001") == 1
        places = [at for at, tag in enumerate(tags) if tag == "035"]
        assert places == list(range(places[0], places[-1] + 1))
        assert all(tag <= "035" for tag in tags[: places[0]])
        assert record.fields[places[-1]]["a"] == f"(SAMPLE){record['001'].data}"


def test_notes_in_the_tag_of_items_stay(library: tuple[Site, Delivery]) -> None:
    site, delivery = library
    notes = [
        field
        for stream in (False, True)
        for record in delivery.bibs(stream)
        for field in record.get_fields("945")
    ]
    assert len(notes) == site.key.counts["bib"]["local_note_fields"]
    assert all(field.get_subfields("y") == [] for field in notes)


def read_all(path: Path) -> list[pymarc.Record]:
    with path.open("rb") as file:
        return [record for record in pymarc.MARCReader(file, to_unicode=True, force_utf8=True) if record]


def leader(record: pymarc.Record) -> str:
    text = str(record.leader)
    return text[5:9] + text[10:12] + text[17:24]


def fields_of(record: pymarc.Record, dropped: tuple[str, ...] = (), added: bool | None = None) -> Fields:
    """(tag, value) or (tag, indicators, subfields) in order.

    added None with nothing dropped: all. Otherwise without 001, 003, the tags dropped, 945 with a $y, and
    for the delivered form (added) the 035s, which are compared apart.
    """
    made: Fields = []
    for field in record.fields:
        if (dropped or added) and is_ruled(field, dropped):
            continue
        if field.control_field:
            made.append((field.tag, field.data))
        else:
            parts = [(part.code, part.value) for part in field.subfields]
            made.append((field.tag, tuple(field.indicators), parts))
    return made


def is_ruled(field: pymarc.Field, dropped: tuple[str, ...]) -> bool:
    return field.tag in ("001", "003", "035", *dropped) or (
        field.tag == "945" and bool(field.get_subfields("y"))
    )


def test_old_035_fields_are_kept(library: tuple[Site, Delivery]) -> None:
    site, delivery = library
    made = {r["001"].data: r for stream in (False, True) for r in delivery.bibs(stream)}
    seen = 0
    for before in read_all(site.extracts / "bib.mrc"):
        after = made[before["907"]["a"].removeprefix(".")]
        old = [str(field) for field in before.get_fields("035")]
        assert [str(field) for field in after.get_fields("035")][: len(old)] == old
        seen += len(old)
    assert seen > 20
