"""Worklists of whole runs against the answer key: each item with a status is on a list, none is on two."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.streaming.sites import Delivery, Site, make_site
from transformer import api
from transformer.cli.main import main

TO_DO = {
    "m": ("missing", {"set-missing", "after-loan"}),
    "n": ("billed", {"lost-on-loan", "missing-or-withdraw"}),
    "$": ("lost-and-paid", {"missing-or-withdraw", "after-loan"}),
    "!": ("on-hold", {"shelf-check", "after-loan"}),
    "t": ("in-transit", {"shelf-check", "after-loan"}),
    "z": ("claims-returned", {"claimed-on-loan", "missing-or-withdraw"}),
    "w": ("withdrawn", {"withdraw", "after-loan"}),
    "d": ("damaged", {"set-condition", "after-loan"}),
    "p": ("in-process", {"work-order", "after-loan"}),
    "r": ("in-repair", {"work-order", "after-loan"}),
    "k": ("on-search", {"set-missing", "after-loan"}),
    "a": ("in-technical-services", {"work-order", "after-loan"}),
}
"""Status code of the sample library -> folder, and what may be done, from the reference on Alma, 6.2."""


@pytest.fixture(scope="module", params=["migration", "self-load"])
def library(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Site, Delivery, Path]:
    site = make_site(tmp_path_factory.mktemp("site") / "lib", bibs=600, seed=21, dirt=0.05)
    project = site.folder / "transformer.toml"
    text = project.read_text("utf-8").replace('target = "self-load"', f'target = "{request.param}"')
    project.write_text(text, "utf-8")
    delivery = site.run()
    return site, delivery, api.worklists(site.folder).folder


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, strict=True))


def test_counts_per_status_are_those_of_the_key(library: tuple[Site, Delivery, Path]) -> None:
    site, delivery, folder = library
    wanted = {
        TO_DO[code][0]: n
        for code, n in site.key.counts["item"]["delivered_by"]["status"].items()
        if code in TO_DO
    }
    # On Hold with a hold is the hold shelf, and nothing to do.
    wanted[TO_DO["!"][0]] -= site.key.counts["item"]["on_shelf"]
    result = api.worklists(delivery.folder)
    found: Counter[str] = Counter()
    for one in result.lists:
        found[one.folder.partition("/")[0]] += one.item_count
        status = next(s for s, _ in TO_DO.items() if TO_DO[s][0] == one.folder.partition("/")[0])
        assert one.folder.partition("/")[2] in TO_DO[status][1]
    assert found == wanted
    assert result.folder == folder


def test_barcodes_are_those_of_the_delivered_items(library: tuple[Site, Delivery, Path]) -> None:
    """Found by reading the delivered CSV: source status, and process type LOAN for what is on loan."""
    site, delivery, folder = library
    headers = {
        "number": "item_number",
        "barcode": "barcode",
        "status": "source_status",
        "type": "process_type",
    }
    if site.folder.joinpath("transformer.toml").read_text("utf-8").find('"migration"') > 0:
        headers = {"number": "Item original ID", "barcode": "Barcode", "status": "Item status"}
        headers["type"] = "Expected process type"
    rows: list[dict[str, Any]] = [
        {name: row[header] for name, header in headers.items()} for row in delivery.rows("item", "item")
    ]
    for code, (name, _) in TO_DO.items():
        ours = [row for row in rows if row["status"] == code and row["type"] != "HOLDSHELF"]
        listed = [b["Barcode"] for path in folder.glob(f"{name}/*/barcodes.csv") for b in read(path)]
        without = [b["Item number"] for path in folder.glob(f"{name}/*/no-barcode.csv") for b in read(path)]
        assert set(listed) == {row["barcode"] for row in ours if row["barcode"]}, code
        assert sorted(without) == sorted(row["number"] for row in ours if not row["barcode"]), code
        loans = {row["barcode"] for row in ours if row["type"] == "LOAN" and row["barcode"]}
        on_loan = [
            *folder.glob(f"{name}/*-on-loan/barcodes.csv"),
            *folder.glob(f"{name}/after-loan/barcodes.csv"),
        ]
        assert {b["Barcode"] for path in on_loan for b in read(path)} == loans, code


def test_the_same_run_gives_the_same_lists(library: tuple[Site, Delivery, Path], tmp_path: Path) -> None:
    _, delivery, folder = library
    again = api.worklists(delivery.folder, tmp_path / "again").folder
    names = sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())
    assert names == sorted(str(p.relative_to(again)) for p in again.rglob("*") if p.is_file())
    assert all((folder / name).read_bytes() == (again / name).read_bytes() for name in names)
    assert not any(name.startswith(".") for name in names)


def test_the_command(
    library: tuple[Site, Delivery, Path], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    site, _, _ = library
    assert main(["worklists", str(site.folder), "--out", str(tmp_path / "lists")]) == 0
    shown = capfd.readouterr().out
    assert "Set the physical condition" in shown
    assert main(["worklists", str(site.folder), "--out", str(tmp_path / "lists")]) == 2
    assert "is not empty" in capfd.readouterr().err
