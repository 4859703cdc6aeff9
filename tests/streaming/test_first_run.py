"""A library from `init` to a delivery: starter maps, filled maps, and the forms that extracts come in."""

from __future__ import annotations

import csv
import io
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.streaming.sites import DAY, SHAPE, SYSTEM, Delivery, Site, digests, make_site
from transformer import api
from transformer.errors import ExtractError
from transformer.synth import AnswerKey, make_library

MAPS = {
    "location": ("library", "location"),
    "item_type": ("item_policy", "physical_material_type"),
    "patron_type": ("user_group",),
    "item_status_label": ("label",),
}


def new_library(folder: Path, **words: Any) -> Site:
    """As a person makes it: init, then the extracts into their folder."""
    api.init("sierra", folder)
    key = make_library(folder / "extracts", SHAPE, **{"bibs": 250, "seed": 17, "dirt": 0.0, **words})
    (folder / "extracts" / "answer-key.json").unlink()
    return Site(folder, key)


def read_map(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, strict=True))


def fill_maps(site: Site) -> None:
    """Every starter map, completed from the key's table of codes, in place: columns and counts stay."""
    expected = site.key.expected
    values = {
        "location": expected["location"],
        "item_type": expected["item_type"],
        "patron_type": {code: [group] for code, group in expected["patron_type"].items()},
        "item_status_label": {code: [row[0].upper()] for code, row in expected["status"].items()},
    }
    for name, columns in MAPS.items():
        path = site.folder / "rules" / "maps" / f"{name}.csv"
        if not path.exists():
            continue
        rows = read_map(path)
        for row in rows:
            row.update(zip(columns, values[name].get(row["code"], [""] * len(columns)), strict=True))
        out = io.StringIO()
        writer = csv.DictWriter(out, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        path.write_text(out.getvalue(), "utf-8")


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> tuple[Site, Delivery]:
    site = new_library(tmp_path_factory.mktemp("first") / "mylib")
    return site, site.run()


def test_the_first_run_says_what_is_missing(begun: tuple[Site, Delivery]) -> None:
    site, delivery = begun
    assert delivery.result.exit_code == 1
    said = " ".join(delivery.result.reasons)
    assert "limits.unmapped_locations" in said
    report = (delivery.folder / "reports" / "report.md").read_text("utf-8")
    assert "location.csv" in report
    assert delivery.rows("item", "item") == []
    aside = site.key.counts["item"]["planted"]
    assert len({row["record_id"] for row in delivery.set_aside("item")}) == aside


def test_starter_maps_hold_every_code_and_its_count(begun: tuple[Site, Delivery]) -> None:
    site, _ = begun
    with (site.folder / "extracts" / "checkin.csv").open(newline="", encoding="utf-8") as lines:
        checkins = Counter(row["LOCATION(CHECKIN)"].strip() for row in csv.DictReader(lines))
    wanted = {
        "location": checkins + Counter(site.key.counts["item"]["delivered_by"]["location"]),
        "item_type": site.key.counts["item"]["delivered_by"]["item_type"],
        "patron_type": site.key.counts["patron"]["delivered_by_type"],
    }
    for name, counts in wanted.items():
        rows = read_map(site.folder / "rules" / "maps" / f"{name}.csv")
        assert {row["code"]: int(row["row_count"]) for row in rows} == counts, name
        assert set(MAPS[name]) <= set(rows[0])
        assert [int(row["row_count"]) for row in rows] == sorted(counts.values(), reverse=True)


def test_a_starter_for_the_labels_of_statuses(begun: tuple[Site, Delivery]) -> None:
    """What a status means is the site's to say, so the run asks for it with every code seen."""
    site, _ = begun
    statuses = site.key.counts["item"]["delivered_by"]["status"]
    rows = read_map(site.folder / "rules" / "maps" / "item_status_label.csv")
    assert {row["code"]: int(row["row_count"]) for row in rows} == statuses


def test_filled_maps_make_a_delivery(begun: tuple[Site, Delivery], tmp_path: Path) -> None:
    site = Site(Path(shutil.copytree(begun[0].folder, tmp_path / "lib")), begun[0].key)
    fill_maps(site)
    project = site.folder / "transformer.toml"
    project.write_text(project.read_text("utf-8").replace('target = "migration"', 'target = "self-load"'))
    delivery = site.run()
    assert delivery.folder.name == "0002"
    assert (delivery.result.exit_code, delivery.result.reasons) == (0, ())
    rows = delivery.rows("item", "item")
    assert len(rows) == site.key.counts["item"]["delivered"]
    wanted = {r["number_written"][1:]: r for r in site.key.item_rows}
    for row in rows:
        key = wanted[row["item_number"]]
        assert [row["library"], row["location"]] == key["expected_library_location"]
        assert [row["policy"], row["physical_material_type"]] == key["expected_policy_material"]
        assert row["base_status"] == key["expected_status"]["base_status"]


def test_starter_maps_are_never_written_over(begun: tuple[Site, Delivery], tmp_path: Path) -> None:
    site = Site(Path(shutil.copytree(begun[0].folder, tmp_path / "lib")), begun[0].key)
    before = digests(site.folder, "rules")
    site.run()
    after = digests(site.folder, "rules")
    assert {name: after[name] for name in before} == before


def test_the_migration_target_gets_source_codes(begun: tuple[Site, Delivery], tmp_path: Path) -> None:
    """As `init` leaves it: source codes, form headers, and code tables with counts beside them."""
    site = Site(Path(shutil.copytree(begun[0].folder, tmp_path / "lib")), begun[0].key)
    fill_maps(site)
    delivery = site.run()
    rows = delivery.rows("item", "item")
    assert len(rows) == site.key.counts["item"]["delivered"]
    by = site.key.counts["item"]["delivered_by"]
    found: dict[str, int] = {}
    for row in rows:
        found[row["Location"]] = found.get(row["Location"], 0) + 1
    assert found == by["location"]
    codes = {row["Source code"]: int(row["Count"]) for row in delivery.rows("codes", "location")}
    assert codes == by["location"]
    assert delivery.bibs(True) == []  # nobody has said which values suppress


def limits(site: Site, **words: float) -> None:
    """The site's limits set to these."""
    path = site.folder / "transformer.toml"
    text = path.read_text("utf-8").split("[limits]")[0]
    path.write_text(text + "[limits]\n" + "".join(f"{name} = {value}\n" for name, value in words.items()))


def test_limits_decide_the_exit_code(tmp_path: Path) -> None:
    site = make_site(tmp_path / "lib", bibs=120, seed=6, dirt=0.1)
    limits(site, set_aside_share=1.0, errors=10_000, unmapped_locations=10_000)
    assert site.run().result.exit_code == 0
    for name in ("set_aside_share", "errors", "unmapped_locations"):
        loose = {"set_aside_share": 1.0, "errors": 10_000, "unmapped_locations": 10_000, name: 0}
        limits(site, **loose)
        result = site.run().result
        assert result.exit_code == 1
        assert [f"limits.{name}" in reason for reason in result.reasons] == [True]


# ------------------------------------------------------------------ forms of the extracts


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> tuple[Site, Delivery]:
    site = make_site(tmp_path_factory.mktemp("plain") / "lib", bibs=250, seed=23, dirt=0.0)
    return site, site.run()


def copy_of(site: Site, folder: Path) -> Site:
    shutil.copytree(site.folder, folder, ignore=shutil.ignore_patterns("runs"))
    return Site(folder, site.key)


def test_marcxml_gives_the_same_delivery(plain: tuple[Site, Delivery], tmp_path: Path) -> None:
    site = copy_of(plain[0], tmp_path / "lib")
    source = site.extracts / "bib.mrc"
    api.convert(source, site.extracts / "bib.xml")
    source.unlink()
    made = digests(site.run().folder, "out")
    assert made == digests(plain[1].folder, "out")


def test_two_files_are_one_extract(plain: tuple[Site, Delivery], tmp_path: Path) -> None:
    site = copy_of(plain[0], tmp_path / "lib")
    data = (site.extracts / "bib.mrc").read_bytes()
    half = data.index(b"\x1d", len(data) // 2) + 1
    (site.extracts / "bib.mrc").unlink()
    (site.extracts / "bib-1.mrc").write_bytes(data[:half])
    (site.extracts / "bib-2.mrc").write_bytes(data[half:])
    delivery = site.run()
    assert digests(delivery.folder, "out") == digests(plain[1].folder, "out")
    read = [row.read_count for row in delivery.result.ledger if row.kind == "bib"]
    assert len(read) == 2
    assert sum(read) == site.key.counts["bib"]["planted"]


def test_one_file_in_marcxml_and_one_in_iso2709(plain: tuple[Site, Delivery], tmp_path: Path) -> None:
    site = copy_of(plain[0], tmp_path / "lib")
    data = (site.extracts / "bib.mrc").read_bytes()
    half = data.index(b"\x1d", len(data) // 2) + 1
    (site.extracts / "bib.mrc").unlink()
    (site.extracts / "bib-1.mrc").write_bytes(data[:half])
    (tmp_path / "second.mrc").write_bytes(data[half:])
    api.convert(tmp_path / "second.mrc", site.extracts / "bib-2.xml")
    assert digests(site.run().folder, "out") == digests(plain[1].folder, "out")


@pytest.mark.parametrize(
    "words", [{"with_csv_items": False}, {"layout": "C"}], ids=["fields only", "lists only"]
)
def test_items_from_one_side_only(tmp_path: Path, words: dict[str, Any]) -> None:
    site = make_site(tmp_path / "lib", bibs=120, seed=2, dirt=0.0, **words)
    delivery = site.run()
    assert delivery.result.exit_code == 0
    assert len(delivery.rows("item", "item")) == site.key.counts["item"]["delivered"] > 100


def test_bibs_alone(tmp_path: Path) -> None:
    site = make_site(tmp_path / "lib", bibs=60, seed=2, dirt=0.0)
    for name in ("items.csv", "patrons.csv"):
        (site.extracts / name).unlink()
    delivery = site.run()
    assert len(delivery.bibs(False)) + len(delivery.bibs(True)) == 60
    assert delivery.rows("patron", "patron") == []


def test_no_bibs_is_told_with_what_lies_there(tmp_path: Path) -> None:
    site = make_site(tmp_path / "lib", bibs=60, seed=2, dirt=0.0)
    (site.extracts / "bib.mrc").write_bytes(b"%PDF-1.7\nnothing\n")
    with pytest.raises(ExtractError, match=r"(?s)no extract of bibs.*bib\.mrc"):
        site.run()
    assert not list((site.folder / "runs").glob("0*"))


def test_unknown_files_are_told_and_not_read(plain: tuple[Site, Delivery], tmp_path: Path) -> None:
    site = copy_of(plain[0], tmp_path / "lib")
    (site.extracts / "notes.txt").write_text("Call the vendor on Monday.\n")
    (site.extracts / "scan.pdf").write_bytes(b"%PDF-1.7\nnothing\n")
    (site.extracts / "other.csv").write_text("a,b,c\n1,2,3\n")
    delivery = site.run()
    issues = api.open_run(delivery.folder).table("issue").to_pylist()
    unused = {row["source_file"] for row in issues if row["code"] == "file-unused"}
    assert unused == {"notes.txt", "scan.pdf", "other.csv"}
    assert digests(delivery.folder, "out") == digests(plain[1].folder, "out")


def test_an_empty_file_beside_good_ones(plain: tuple[Site, Delivery], tmp_path: Path) -> None:
    """A file of no bytes is a broken copy: the run does not pass over it."""
    site = copy_of(plain[0], tmp_path / "lib")
    (site.extracts / "bib-2.mrc").touch()
    with pytest.raises(ExtractError, match=r"bib-2\.mrc.*empty"):
        site.run()


def test_the_key_is_read_as_it_was_written(plain: tuple[Site, Delivery], tmp_path: Path) -> None:
    plain[0].key.write(tmp_path / "key.json")
    assert AnswerKey.read(tmp_path / "key.json") == plain[0].key
    assert DAY.isoformat() == plain[0].key.settings["as_of"]
    assert SYSTEM.is_dir()
