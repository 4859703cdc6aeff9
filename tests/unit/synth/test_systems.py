"""Extracts of every system as pymarc, Python's csv and a plain reading of tagged lines see them."""

from __future__ import annotations

import csv
import tomllib
import unicodedata
from collections import Counter
from pathlib import Path

import pymarc
import pytest

from transformer.synth import layouts, make_library
from transformer.synth.marc8 import encode

RULES = Path(__file__).resolve().parents[3] / "rules"
SYSTEMS = ("sierra", "koha", "symphony")


def records(path: Path) -> list[pymarc.Record]:
    with path.open("rb") as file:
        return [record for record in pymarc.MARCReader(file, to_unicode=True) if record is not None]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def documents(path: Path) -> list[list[tuple[str, str]]]:
    """Each document as (tag, value) lines."""
    made: list[list[tuple[str, str]]] = []
    for line in path.read_text("utf-8").splitlines():
        if line == "*** DOCUMENT BOUNDARY ***":
            made.append([])
        elif line.startswith("."):
            tag, _, value = line[1:].partition(".")
            made[-1].append((tag, value.strip().removeprefix("|a")))
    return made


def test_the_items_of_952_and_of_the_report_say_the_same(tmp_path: Path) -> None:
    key = make_library(tmp_path, RULES / "koha" / "synth.toml", bibs=800, dirt=0)
    fields = {f["9"]: f for r in records(tmp_path / "bib.mrc") for f in r.get_fields("952") if "9" in f}
    listed = {row["itemnumber"]: row for row in rows(tmp_path / "items.csv")}
    assert len(fields) == key.counts["item"]["embedded_fields"]
    assert len(listed) == key.counts["item"]["list_rows"]
    both = fields.keys() & listed.keys()
    assert len(both) == key.counts["item"]["delivered_from"]["both"]
    for number in both:
        field, row = fields[number], listed[number]
        assert (field["a"], field["c"], field["8"]) == (row["homebranch"], row["location"], row["ccode"])
        assert (field["1"], field["7"], field["4"], field["0"]) == (
            row["itemlost"], row["notforloan"], row["damaged"], row["withdrawn"])  # fmt: skip
        assert field.get("q", "") == row["onloan"]
    out = {n for n, f in fields.items() if "q" in f} | {n for n, row in listed.items() if row["onloan"]}
    loans = [row for row in rows(tmp_path / "issues.csv") if not row["returndate"]]
    assert {row["itemnumber"] for row in loans} == out
    assert len(out) == len(loans) == key.counts["item"]["on_loan"] > 0.15 * 800
    patrons = {row["borrowernumber"] for row in rows(tmp_path / "borrowers.csv")}
    assert {row["borrowernumber"] for row in loans} <= patrons
    waiting = [row for row in rows(tmp_path / "reserves.csv") if row["found"] == "W"]
    assert len(waiting) == key.counts["item"]["on_shelf"] > 0
    assert not {row["itemnumber"] for row in waiting} & out


def test_titles_in_parts_holdings_and_charges(tmp_path: Path) -> None:
    key = make_library(tmp_path, RULES / "symphony" / "synth.toml", bibs=1500, dirt=0)
    all_of_them = records(tmp_path / "bib.mrc")
    bibs = [r for r in all_of_them if r.leader[6] != "y"]
    assert len(bibs) == key.counts["bib"]["records"] > key.counts["bib"]["planted"]
    again = Counter(r["001"].data for r in bibs)
    assert len(again) == 1500
    for number in [number for number, count in again.items() if count > 1]:
        first, *others = [r for r in bibs if r["001"].data == number]
        plain = [str(field) for field in first.fields if field.tag != "999"]
        assert all([str(f) for f in r.fields if f.tag != "999"] == plain for r in others)
    held = [r for r in all_of_them if r.leader[6] == "y"]
    assert len(held) == key.counts["holdings"]["planted"] > 0
    assert all(r["001"].data in again and r["852"]["b"] and r["852"]["c"] for r in held)
    items = [f for r in bibs for f in r.get_fields("999") if "i" in f]
    assert len({f["i"] for f in items}) == len(items) == key.counts["item"]["planted"]
    charges = [dict(lines) for lines in documents(tmp_path / "charges.data")]
    people = [charge for charge in charges if charge["USER_ID"] not in ("FINMISSING", "GCCDISCARD")]
    assert len(charges) == key.counts["loan"]["list_rows"] > len(people) == key.counts["item"]["on_loan"]
    users = {dict(lines)["USER_ID"] for lines in documents(tmp_path / "users.data")}
    assert len(users) == key.counts["patron"]["planted"] + 2
    assert {charge["USER_ID"] for charge in charges} <= users
    at = {f["i"]: f.get("k", "") for f in items}
    assert {at[charge["ITEM_ID"]] for charge in people} >= {"CHECKEDOUT", "LOST-CLAIM"}


def test_no_date_of_arrival_is_asked_of_what_is_on_order(tmp_path: Path) -> None:
    """The fields as they stand: what is on order has an impossible date here too, and it is told of no more
    than a possible one, since such an item has not arrived (the expected rows leave its date out)."""
    key = make_library(tmp_path, RULES / "symphony" / "synth.toml", bibs=1500, dirt=0.3)
    fields = [
        {part[:1]: part[1:] for part in field.split(b"\x1f")[1:]}
        for field in (tmp_path / "bib.mrc").read_bytes().split(b"\x1e")
        if b"\x1fu" in field
    ]
    impossible = [
        field for field in fields if field.get(b"u") in (b"2/30/2019", b"13/45/2021", b"12/31/20x9")
    ]
    awaited = [field for field in impossible if field.get(b"k") == b"ON-ORDER"]
    assert len(impossible) == key.counts["dirt"]["item"]["bad-date"]
    assert awaited
    assert key.counts["issue"]["item bad-date arrival_date"] == len(impossible) - len(awaited)


def test_rows_of_the_key_know_what_a_layout_leaves_out(tmp_path: Path) -> None:
    """Item fields without messages, and lists without check digits: the number is whole all the same."""
    shape = RULES / "sierra" / "synth.toml"
    key = make_library(tmp_path, shape, bibs=400, dirt=0, layout="B", patrons=20, items_per_bib=3)
    listed = {row["RECORD #(ITEM)"][1:]: row["MESSAGE(ITEM)"] for row in rows(tmp_path / "items.csv")}
    told = {row["number"]: row["message"] for row in key.item_rows}
    assert told == {number: listed.get(number, "") for number in told}
    assert any(told.values())
    assert len(told) > len(listed)
    assert key.patron_rows[0]["number_written"] == "p1000001x"


def test_marc_8_says_what_utf_8_says(tmp_path: Path) -> None:
    """Titles of all scripts, as pymarc decodes them, beside the key, which was told before any encoding."""
    key = make_library(tmp_path, RULES / "sierra" / "synth.toml", bibs=1200, dirt=0, layout="A-marc8")
    made = {record["907"]["a"]: record for record in records(tmp_path / "bib.mrc")}
    assert all(record.leader[9] == " " for record in made.values())
    scripts = set()
    for row in key.bib_rows:
        title = unicodedata.normalize("NFC", made[row["number_written"]]["245"]["a"])
        assert title == unicodedata.normalize("NFC", row["title"])
        scripts |= {f["6"][7:] for f in made[row["number_written"]].get_fields("880")}
    assert {"$1", "(N", "(3/r", "(2/r"} <= scripts
    assert b"\x1b$1" in (tmp_path / "bib.mrc").read_bytes()


@pytest.mark.parametrize(
    ("text", "data"),
    # MARC 21 Specifications, Character Sets part 3: marks before their letter, sets called by escapes.
    [("é", b"\xe2e"), ("ế", b"\xe3\xe2e"), ("Ł", b"\xa1"), ("мир", b"\x1b(NMIR\x1b(B"), ("a b", b"a b")],
)
def test_marc_8_of_a_few_words(text: str, data: bytes) -> None:
    assert encode(text) == data


@pytest.mark.slow
@pytest.mark.parametrize("system", SYSTEMS)
def test_the_bytes_do_not_depend_on_the_processes(tmp_path: Path, system: str) -> None:
    shape = RULES / system / "synth.toml"
    made = [make_library(tmp_path / str(n), shape, bibs=20_500, processes=n) for n in (1, 2)]
    assert made[0] == made[1]


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_code_has_an_expected_value_and_no_dirty_one_has(system: str) -> None:
    tree = tomllib.loads((RULES / system / "synth.toml").read_text("utf-8"))
    expected, dirt = tree["expected"], tree["dirt"]
    drawn = {
        "location": tree["item"]["location"]["codes"],
        "status": tree["item"]["status"],
        "item_type": tree["item"]["item_type"],
        "patron_type": tree["patron"]["patron_type"],
    }
    for table, codes in drawn.items():
        assert set(codes) == set(expected[table])
        assert not set(dirt[table]) & set(expected[table])
    assert "A" in layouts(RULES / system / "synth.toml")
