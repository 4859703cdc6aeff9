"""The maker against what others read in its files: pymarc, the csv module, a plain count of bytes."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from pathlib import Path

import pymarc
import pytest

from transformer.errors import RulesError, UsageError
from transformer.synth import AnswerKey, make_library

SHAPE = Path(__file__).resolve().parents[3] / "rules" / "sierra" / "synth.toml"
BIBS = 2500
PINNED = "b00f0e6e844b08b180de70c7371ce8442fbf9ac4d4c8be4bc77b831a99b0feb2"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, AnswerKey]:
    folder = tmp_path_factory.mktemp("library")
    return folder, make_library(folder, SHAPE, bibs=BIBS, dirt=0.05)


def raw_records(data: bytes) -> list[bytes]:
    """Records parted at record terminators; a cut record sticks to the front of its follower."""
    return [record + b"\x1d" for record in data.split(b"\x1d")[:-1]]


def readable(data: bytes) -> list[pymarc.Record]:
    """What pymarc reads of the records whose text is UTF-8, with the length that they have."""
    made = []
    for raw in raw_records(data):
        start = 0
        if int(raw[:5]) == len(raw) + 17:  # planted
            raw = b"%05d" % len(raw) + raw[5:]
        elif int(raw[:5]) != len(raw):  # a cut record in front
            start = next((at for at in range(len(raw) - 24, 0, -1) if _whole(raw, at)), -1)
        if start >= 0 and _utf8(raw[start:]):
            made.append(pymarc.Record(raw[start:], to_unicode=True, utf8_handling="strict"))
    return made


def _whole(raw: bytes, at: int) -> bool:
    return (
        raw[at : at + 5].isdigit()
        and int(raw[at : at + 5]) == len(raw) - at
        and raw[at + 20 : at + 24] == b"4500"
    )


def _utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def csv_rows(path: Path) -> tuple[list[str], list[list[str]]]:
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    return header, rows


def test_bibs_and_damage_are_what_the_key_says(library: tuple[Path, AnswerKey]) -> None:
    folder, key = library
    bib = key.counts["bib"]
    records = readable((folder / "bib.mrc").read_bytes())
    assert len(records) == bib["delivered"] == BIBS - sum(bib["set_aside"].values())
    assert bib["set_aside"] | bib["repaired"] == key.counts["dirt"]["bib"]
    assert not bib["set_aside"].keys() & bib["repaired"].keys()
    assert all(count > 0 for count in key.counts["dirt"]["bib"].values())
    codes = Counter(record["998"]["e"] for record in records)
    assert codes == bib["suppress_code"]
    languages = Counter(record["008"].data[35:38] for record in records)
    assert languages == bib["language"]


def test_bib_rows_are_what_pymarc_reads(library: tuple[Path, AnswerKey]) -> None:
    folder, key = library
    by_number = {record["907"]["a"]: record for record in readable((folder / "bib.mrc").read_bytes())}
    rows = [row for row in key.bib_rows if row["outcome"] == "delivered"]
    assert len(rows) >= 200
    for row in rows:
        record = by_number[row["number_written"]]
        assert record["001"].data == row["control"]
        assert (record["003"].data if "003" in record else "") == row["control_source"]
        assert record["245"]["a"] == row["title"]
        assert str(record.leader)[6:8] == row["leader_06_07"]
        has = f"{row['expected_035']}" in [field["a"] for field in record.get_fields("035")]
        assert has == row["expected_035_is_there_already"]
        calls = {f.tag: [f["a"], f.get("b", "")] for f in record.get_fields(*list(key.expected["scheme"]))}
        assert calls == row["call_numbers"]
    set_aside = [row for row in key.bib_rows if row["outcome"] != "delivered"]
    assert set_aside and not any(row["number_written"] in by_number for row in set_aside)


def test_items_add_up_when_counted_from_the_files(library: tuple[Path, AnswerKey]) -> None:
    folder, key = library
    item = key.counts["item"]
    records = readable((folder / "bib.mrc").read_bytes())
    fields = [field for record in records for field in record.get_fields("945")]
    embedded = {field["y"].strip("."): field for field in fields if "y" in field}
    assert sum("y" in field for field in fields) == item["embedded_fields"]
    again = Counter(field["y"] for field in fields if "y" in field)
    assert 0 < sum(count == 2 for count in again.values()) <= item["bound_with"]
    assert len(fields) - again.total() == key.counts["bib"]["local_note_fields"]
    header, rows = csv_rows(folder / "items.csv")
    right = [dict(zip(header, row, strict=True)) for row in rows if len(row) == len(header)]
    assert len(rows) == item["list_rows"]
    assert len(rows) - len(right) == item["list_rows_wrong"] == key.counts["dirt"]["item"]["field-count"]
    listed = {row["RECORD #(ITEM)"]: row for row in right}
    bibs = {record["907"]["a"].strip(".") for record in records}
    homes = {number: record["907"]["a"].strip(".") for record in records for f in record.get_fields("945")
             if (number := f.get("y", "").strip("."))}  # fmt: skip
    delivered: Counter[str] = Counter()
    aside: Counter[str] = Counter()
    locations: Counter[str] = Counter()
    for number in embedded.keys() | listed.keys():
        row, field = listed.get(number), embedded.get(number)
        location = row["I LOCATION"] if row else field["l"].strip()
        if ((row and row["RECORD #(BIBLIO)"].partition(";")[0]) or homes.get(number)) not in bibs:
            aside["bib-missing"] += 1
        elif location not in key.expected["location"]:
            aside["location-unmapped"] += 1
        else:
            delivered["both" if row and field else "list" if row else "embedded"] += 1
            locations[location] += 1
    assert delivered == item["delivered_from"]
    assert sum(delivered.values()) == item["delivered"]
    assert locations == item["delivered_by"]["location"]
    assert aside == {k: n for k, n in item["set_aside"].items() if k != "field-count"}


def test_dirt_can_be_found_again(library: tuple[Path, AnswerKey]) -> None:
    folder, key = library
    planted = key.counts["dirt"]["item"]
    assert all(count > 0 for count in planted.values())
    records = readable((folder / "bib.mrc").read_bytes())
    header, rows = csv_rows(folder / "items.csv")
    right = [dict(zip(header, row, strict=True)) for row in rows if len(row) == len(header)]
    barcodes = {row["RECORD #(ITEM)"]: row["BARCODE"].split(";")[0].strip('"') for row in right}
    for record in records:
        for field in record.get_fields("945"):
            if "y" in field:
                barcodes[field["y"].strip(".")] = field.get("i", "")
    used = Counter(barcode for barcode in barcodes.values() if barcode)
    assert sum(count == 2 for count in used.values()) == planted["duplicate-barcode"]
    assert max(used.values()) == 2
    assert sum(not barcode for barcode in barcodes.values()) == planted["blank-barcode"]


def test_item_rows_are_what_the_list_says(library: tuple[Path, AnswerKey]) -> None:
    folder, key = library
    header, rows = csv_rows(folder / "items.csv")
    listed = {row[0]: dict(zip(header, row, strict=True)) for row in rows if len(row) == len(header)}
    checked = 0
    assert len(key.item_rows) >= 200
    for row in key.item_rows:
        line = listed.get(row["number_written"].strip("."))
        if line is None:
            assert row["source"] == "embedded" or row["dirt"] == "field-count"
            continue
        checked += 1
        assert line["BARCODE"].split(";")[0].strip('"') == row["barcode"]
        assert (line["I LOCATION"], line["STATUS"], line["I TYPE"]) == (
            row["location"],
            row["status"],
            row["item_type"],
        )
        if row["created"]:
            year, month, day = row["created"].split("-")
            assert line["CREATED(ITEM)"] == f"{month}-{day}-{year}"
        if row["call_number_from"] == "item":
            assert line["CALL #(ITEM)"] == " ".join(row["call_number"]).strip()
    assert checked >= 200


def test_patrons_add_up_and_are_nobody(library: tuple[Path, AnswerKey]) -> None:
    folder, key = library
    patron = key.counts["patron"]
    header, rows = csv_rows(folder / "patrons.csv")
    right = [dict(zip(header, row, strict=True)) for row in rows if len(row) == len(header)]
    assert (len(rows), len(right)) == (patron["planted"], patron["delivered"])
    assert Counter(row["P TYPE"] for row in right) == patron["delivered_by_type"]
    assert sum(not row["P BARCODE"] for row in right) == key.counts["dirt"]["patron"]["no-barcode"] > 0
    ids = Counter(row["UNIV ID"].upper() for row in right)
    assert sum(count == 2 for count in ids.values()) == key.counts["dirt"]["patron"]["duplicate-id"] > 0
    month_day_year = [row["EXP DATE"] for row in right]
    as_of = key.settings["as_of"]
    assert sum(f"{d[6:]}-{d[:5]}" <= as_of for d in month_day_year) == patron["expired_delivered"] > 0
    mails = [mail for row in right for mail in row["EMAIL ADDR"].split(",") if mail]
    assert len(mails) == patron["delivered_values"]["email"]
    assert all(mail.endswith("example.org") for mail in mails)
    assert len(key.patron_rows) >= 200


@pytest.mark.parametrize("layout", ["A", "B", "C"])
def test_layouts_say_what_they_should(tmp_path: Path, layout: str) -> None:
    make_library(tmp_path, SHAPE, bibs=60, dirt=0, layout=layout)
    records = readable((tmp_path / "bib.mrc").read_bytes())
    assert len(records) == 60
    tags = {field.tag for record in records for field in record.fields}
    record = records[0]
    if layout == "A":
        assert record["907"]["c"].count("-") == 2 and "998" in tags and "902" not in tags
    elif layout == "B":
        assert record["907"]["c"] == record["998"]["f"] and len(record["907"]["b"]) == 5 and "902" in tags
    else:
        assert "999" in tags and "945" not in tags
    _, rows = csv_rows(tmp_path / "items.csv")
    ends = {"A": set("0123456789x"), "B": set("0123456789"), "C": {"a"}}[layout]
    assert {row[0][-1] for row in rows} <= ends
    width = {"A": 9, "B": 8, "C": 9}[layout]
    assert {len(row[0]) for row in rows} == {width}


def test_same_seed_same_bytes_whatever_the_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("transformer.synth.shard.SHARD_BIBS", 200)
    one = make_library(tmp_path / "1", SHAPE, bibs=500, processes=1)
    again = make_library(tmp_path / "2", SHAPE, bibs=500, processes=1)
    other = make_library(tmp_path / "3", SHAPE, bibs=500, processes=1, seed=8)
    assert one.files == again.files != other.files
    assert (tmp_path / "1/answer-key.json").read_bytes() == (tmp_path / "2/answer-key.json").read_bytes()
    assert AnswerKey.read(tmp_path / "1/answer-key.json") == one


def test_the_bytes_of_seed_7_stay_as_they_are(tmp_path: Path) -> None:
    """Pinned, so that another numpy, Python or machine cannot change them unseen."""
    key = make_library(tmp_path, SHAPE, bibs=200)
    text = b"".join((tmp_path / name).read_bytes() for name in sorted(key.files))
    assert hashlib.sha256(text).hexdigest() == PINNED


def test_bench_shape_keeps_its_bounds(tmp_path: Path) -> None:
    key = make_library(tmp_path, SHAPE, bibs=4000, dirt=0, serials=False, with_csv_items=False, patrons=0)
    data = (tmp_path / "bib.mrc").read_bytes()
    sizes = [len(raw) for raw in raw_records(data)]
    assert min(sizes) >= 800 and max(sizes) <= 3000
    assert 1400 <= sum(sizes) / len(sizes) <= 1500
    counts = [len(record.fields) for record in readable(data)]
    assert len(counts) == 4000 and min(counts) >= 20 and max(counts) <= 40
    assert b"&" in data and b"<" in data and b">" in data
    assert key.counts["item"]["delivered_from"] == {"embedded": key.counts["item"]["planted"]}
    assert 1.4 <= key.counts["item"]["planted"] / 4000 <= 1.6
    assert not any(n for kinds in key.counts["dirt"].values() for n in kinds.values())


def test_a_library_without_items(tmp_path: Path) -> None:
    """Bibs and patrons alone: no list of items, nothing lent."""
    key = make_library(tmp_path, SHAPE, bibs=300, items_per_bib=0)
    assert (key.counts["item"]["planted"], key.item_rows, key.counts["loan"]["list_rows"]) == (0, [], 0)
    assert key.counts["bib"]["delivered"] == len(readable((tmp_path / "bib.mrc").read_bytes()))
    assert not {"items.csv", "loans.csv", "holds.csv"} & {path.name for path in tmp_path.iterdir()}


def test_nobody_borrows_where_a_shard_has_no_people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("transformer.synth.shard.SHARD_BIBS", 100)
    key = make_library(tmp_path, SHAPE, bibs=300, patrons=1, processes=1, dirt=0)
    _, [patron] = csv_rows(tmp_path / "patrons.csv")
    _, loans = csv_rows(tmp_path / "loans.csv")
    assert len(loans) == key.counts["loan"]["list_rows"] > 0
    assert {row[2] for row in loans if row[2] != "0"} == {patron[0]}


def test_wrong_arguments_and_files_are_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="at least 1 bib"):
        make_library(tmp_path, SHAPE, bibs=0)
    with pytest.raises(UsageError, match="needs the item list"):
        make_library(tmp_path, SHAPE, bibs=5, layout="C", with_csv_items=False)
    with pytest.raises(RulesError, match="one of A, B, C"):
        make_library(tmp_path, SHAPE, bibs=5, layout="Z")
    with pytest.raises(RulesError, match="cannot be read"):
        make_library(tmp_path, tmp_path / "none.toml", bibs=5)
