"""The seeded files of the bench, made once and kept in bench/work, and the sites of synthetic libraries.

`bib_file`: bibs of 0.8 to 3 KB, mean 1.45, 20 to 40 fields, a third of them with text in other scripts or
with `&`, `<`, `>`; items in the bibs; no dirt. `library`: everything that a library has, dirt included.
`site`: a library's folder with choices and maps as the shape's hand-written table of codes says them.
"""

from __future__ import annotations

import csv
import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from transformer.synth import AnswerKey, make_library

ROOT = Path(__file__).resolve().parents[1]
SHAPE = ROOT / "rules" / "sierra" / "synth.toml"
WORK = ROOT / "bench" / "work"
SEED = 7


def shape_of(system: str) -> Path:
    """The shape file of a system."""
    return ROOT / "rules" / system / "synth.toml"


def _maker(shape: Path = SHAPE) -> str:
    """What the extracts depend on: the maker's sources and the shape."""
    digest = hashlib.sha256(shape.read_bytes())
    for source in sorted((ROOT / "transformer" / "synth").glob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()


def _made(folder: Path, make: Callable[[Path], AnswerKey], shape: Path = SHAPE) -> AnswerKey:
    """The key of a folder of extracts, made if missing or if the maker has changed since; never by halves."""
    stamp = folder / "made-by"
    if not stamp.is_file() or stamp.read_text("ascii") != _maker(shape):
        half = folder.with_name(folder.name + ".half")
        shutil.rmtree(half, ignore_errors=True)
        make(half)
        (half / stamp.name).write_text(_maker(shape), "ascii")
        shutil.rmtree(folder, ignore_errors=True)
        half.rename(folder)
    return AnswerKey.read(folder / "answer-key.json")


def bib_file(records: int, work: Path = WORK) -> tuple[Path, AnswerKey]:
    """The file of bibs for conversions, and its key."""
    folder = work / f"bibs-{records}"
    key = _made(
        folder,
        lambda half: make_library(
            half, SHAPE, bibs=records, seed=SEED, dirt=0, serials=False, with_csv_items=False, patrons=0
        ),
    )
    return folder / "bib.mrc", key


def library(bibs: int, work: Path = WORK, system: str = "sierra") -> tuple[Path, AnswerKey]:
    """A whole library: bibs, items, holdings, patrons, loans, requests, a hundredth of it dirty."""
    folder, shape = work / (f"library-{bibs}" if system == "sierra" else f"{system}-{bibs}"), shape_of(system)
    return folder, _made(folder, lambda half: make_library(half, shape, bibs=bibs, seed=SEED), shape)


PROJECT = """
system = "{system}"
site   = "Synthetic Library"
target = "self-load"

[numbers]
check_digit = true
letter      = true
prefix_035  = "SAMPLE"

[bib]
suppress = {suppress}

[limits]
set_aside_share    = 0.5
errors             = 1000000
unmapped_locations = 1000000
"""


def site(system: str, folder: Path, **words: Any) -> AnswerKey:
    """A synthetic library in `folder`, ready to run: extracts, choices, maps. words: as of `make_library`."""
    key = make_library(folder / "extracts", shape_of(system), **words)
    choices(system, folder, key)
    return key


def choices(system: str, folder: Path, key: AnswerKey) -> None:
    """The project file and the maps that the key's table of expected codes stands for."""
    expected = key.expected
    suppress = str(expected["suppressed"]).replace("'", '"')
    maps = folder / "rules" / "maps"
    maps.mkdir(parents=True, exist_ok=True)
    text = PROJECT.format(system=system, suppress=suppress)
    (folder / "transformer.toml").write_text(text, "utf-8")
    names = expected["map_keys"]
    location = [[*code.split("/"), *place] for code, place in expected["location"].items()]
    _write(maps / "location.csv", [*names["location"], "library", "location"], location)
    types = [[code, *made] for code, made in expected["item_type"].items()]
    _write(maps / "item_type.csv", ["code", "item_policy", "physical_material_type"], types)
    groups = [[code, group] for code, group in expected["patron_type"].items()]
    _write(maps / "patron_type.csv", ["code", "user_group"], groups)
    if labels := expected.get("status_label"):
        _write(maps / "item_status_label.csv", ["code", "label"], [list(row) for row in labels.items()])


def _write(path: Path, header: list[str], rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])
