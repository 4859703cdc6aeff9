"""No value of a person in logs, reports, issues or on the screen: every invented value is searched for."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import pytest

from tests.streaming.sites import Site, make_site
from transformer import api
from transformer.cli.main import main

COLUMNS = (
    "P BARCODE", "PATRN NAME", "ADDRESS", "ADDRESS2", "TELEPHONE", "TELEPHONE2", "EMAIL ADDR", "UNIV ID",
    "NOTE(PATRON)", "BIRTH DATE",
)  # fmt: skip


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return make_site(tmp_path_factory.mktemp("people") / "lib", bibs=150, patrons=400, seed=29, dirt=0.3)


def values_of_people(site: Site) -> set[str]:
    """Every value of these columns, whole and in its parts (names, lines, words of four letters or more),
    from the key and from the file itself, so that those of set-aside rows are among them."""
    import csv

    whole: set[str] = set()
    for row in site.key.patron_rows:
        whole |= {row["name"], row["university_id"], *row["barcodes"], *row["emails"], *row["phones"]}
        whole |= {line for address in row["addresses"] for line in address}
    with (site.extracts / "patrons.csv").open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            # In a row with a value too many or too few the columns have moved.
            for name in COLUMNS:
                text = row.get(name) or ""
                whole |= set(re.split(r'[$;,"]+ ?', text)) | {text}
    whole -= {"Nowhere"}  # a town of the invented, and a word of the report
    return {value.strip() for value in whole if len(value.strip()) >= 6 and "  -  -" not in value}


def found(text: str, values: set[str]) -> list[str]:
    folded = text.casefold()
    return sorted(value for value in values if value.casefold() in folded)


def test_nothing_of_people_is_told(site: Site, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["run", str(site.folder), "--as-of", "2026-06-30", "--threads", "1"]) in (0, 1)
    out, err = capfd.readouterr()
    values = values_of_people(site)
    assert len(values) > 1000
    run = api.open_run(site.folder)
    told = {"stdout": out, "stderr": err, "manifest": (run.folder / "manifest.json").read_text("utf-8")}
    for folder in ("reports", "log", "rules"):
        for path in sorted((run.folder / folder).rglob("*")):
            if path.is_file():
                told[str(path.relative_to(run.folder))] = path.read_text("utf-8")
    for name in run.tables:
        told[f"tables/{name}"] = str(run.table(name).to_pylist())
    assert len(told) > 8
    told.pop("rules/transformer.toml")  # it says "invented", as the notes do
    assert {name: found(text, values) for name, text in told.items() if found(text, values)} == {}


def test_set_aside_people_lie_apart(site: Site) -> None:
    run = api.open_run(site.folder)
    place = run.folder / "set-aside" / "patron"
    names = {f"{kind}.{end}" for kind in ("patron", "loan", "request") for end in ("bytes", "csv")}
    there = {path.name for path in place.iterdir()}
    assert {"patron.bytes", "patron.csv", "loan.bytes", "loan.csv"} <= there <= names
    assert found((place / "patron.bytes").read_bytes().decode("utf-8"), values_of_people(site))
    if os.name == "posix":
        assert stat.S_IMODE(place.stat().st_mode) == 0o700
    elsewhere = [path for path in (run.folder / "set-aside").iterdir() if path.is_file()]
    assert [path.name for path in elsewhere if "patron" in path.name] == []


def test_an_error_tells_nothing_of_people(
    site: Site, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """The first row is no header: the message may not quote it."""
    import shutil

    folder = tmp_path / "lib"
    shutil.copytree(site.folder, folder, ignore=shutil.ignore_patterns("runs"))
    path = folder / "extracts" / "patrons.csv"
    path.write_text(path.read_text("utf-8").split("\n", 1)[1], "utf-8")
    with (folder / "transformer.toml").open("a", encoding="utf-8") as project:
        project.write('\n[extract.patron]\nfiles = ["extracts/patrons.csv"]\n')
    assert main(["run", str(folder), "-q"]) == 4
    out, err = capfd.readouterr()
    assert found(out + err, values_of_people(site)) == []
