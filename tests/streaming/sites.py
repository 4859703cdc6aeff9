"""A library to run and what came out of it, read back by tools that are not ours (pymarc, csv, hashlib)."""

from __future__ import annotations

import csv
import datetime
import hashlib
import shutil
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pymarc

from tests.fixtures import ROOT
from transformer import api
from transformer.pipeline.results import RunResult
from transformer.synth import AnswerKey, make_library

SYSTEM = ROOT / "rules" / "sierra"
SHAPE = SYSTEM / "synth.toml"
DAY = datetime.date(2026, 6, 30)
TABLES = ("patron", "patron_identifier", "patron_address", "patron_phone", "patron_email", "patron_note")

LABEL_OF_KEY = "k,ON SEARCH"
"""The sample site labels status k so that no map knows it; the answer key's table calls it On Search."""

Row = dict[str, str]


@dataclass(frozen=True)
class Site:
    """A library's folder with the sample site's choices, and the key of what was planted in it."""

    folder: Path
    key: AnswerKey

    @property
    def extracts(self) -> Path:
        return self.folder / "extracts"

    def run(self, **words: Any) -> Delivery:
        """Run it as of the day the shape file calls today."""
        return Delivery(api.run(self.folder, **{"as_of": DAY, "threads": 1, **words}))


def records(path: Path) -> list[pymarc.Record]:
    """The records of a delivered file as pymarc reads them; the same list to all who ask, never changed."""
    return _records(path, path.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _records(path: Path, modified_ns: int) -> list[pymarc.Record]:
    return pymarc.parse_xml_to_array(str(path))


@dataclass(frozen=True)
class Delivery:
    """A finished run's files."""

    result: RunResult

    @property
    def folder(self) -> Path:
        return self.result.folder

    def bibs(self, suppressed: bool) -> list[pymarc.Record]:
        """Delivered bibs in file order, as pymarc reads the XML."""
        files = sorted((self.folder / "out" / "bib").glob("*.xml"))
        return [
            record for path in files if ("suppressed" in path.name) is suppressed for record in records(path)
        ]

    def holdings(self) -> list[pymarc.Record]:
        files = sorted((self.folder / "out" / "holdings").glob("*.xml"))
        return [record for path in files for record in records(path)]

    def rows(self, folder: str, table: str) -> list[Row]:
        """Rows of a delivered table as Python's csv reads them."""
        made: list[Row] = []
        for path in sorted((self.folder / "out" / folder).glob(f"{table}-[0-9]*.csv")):
            with path.open(newline="", encoding="utf-8") as file:
                made += csv.DictReader(file, strict=True)
        return made

    def ledger(self) -> dict[tuple[str, str], Any]:
        return {(row.source_file, row.kind): row for row in self.result.ledger}

    def reasons(self, kind: str) -> dict[str, int]:
        """Issue code -> pieces set aside, counted in the list beside their bytes."""
        counts: dict[str, int] = {}
        for row in self.set_aside(kind):
            counts[row["code"]] = counts.get(row["code"], 0) + 1
        return counts

    def set_aside(self, kind: str) -> list[Row]:
        place = self.folder / "set-aside" / ("patron" if kind == "patron" else "")
        if not (place / f"{kind}.csv").exists():
            return []
        with (place / f"{kind}.csv").open(newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file, strict=True))

    def set_aside_bytes(self, kind: str) -> bytes:
        place = self.folder / "set-aside" / ("patron" if kind == "patron" else "")
        return (place / f"{kind}.bytes").read_bytes()


def make_site(folder: Path, *, settings: str = "", **words: Any) -> Site:
    """The sample site in `folder` with extracts of its own. words: as of `make_library`.

    settings: TOML put behind the sample's project file.
    """
    shutil.copytree(SYSTEM / "sample", folder)
    project = folder / "transformer.toml"
    project.write_text(project.read_text("utf-8") + settings, "utf-8")
    labels = folder / "rules" / "maps" / "item_status_label.csv"
    labels.write_text(labels.read_text("utf-8").replace("k,ON ORDER", LABEL_OF_KEY), "utf-8")
    key = make_library(folder / "extracts", SHAPE, **{"bibs": 400, "seed": 7, **words})
    (folder / "extracts" / "answer-key.json").unlink()
    return Site(folder, key)


def digests(folder: Path, *names: str) -> dict[str, str]:
    """Relative name -> sha256 of every file below the named folders."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for name in names
        for path in sorted((folder / name).rglob("*"))
        if path.is_file()
    }
