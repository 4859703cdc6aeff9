"""The seeded files of the bench, made once and kept in bench/work.

`bib_file`: bibs of 0.8 to 3 KB, mean 1.45, 20 to 40 fields, a third of them with text in other scripts or
with `&`, `<`, `>`; items in the bibs; no dirt. `library`: everything that a library has, dirt included.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

from transformer.synth import AnswerKey, make_library

ROOT = Path(__file__).resolve().parents[1]
SHAPE = ROOT / "rules" / "sierra" / "synth.toml"
WORK = ROOT / "bench" / "work"
SEED = 7


def _maker() -> str:
    """What the extracts depend on: the maker's sources and the shape."""
    digest = hashlib.sha256(SHAPE.read_bytes())
    for source in sorted((ROOT / "transformer" / "synth").glob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()


def _made(folder: Path, make: Callable[[Path], AnswerKey]) -> AnswerKey:
    """The key of a folder of extracts, made if missing or if the maker has changed since; never by halves."""
    stamp = folder / "made-by"
    if not stamp.is_file() or stamp.read_text("ascii") != _maker():
        half = folder.with_name(folder.name + ".half")
        shutil.rmtree(half, ignore_errors=True)
        make(half)
        (half / stamp.name).write_text(_maker(), "ascii")
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


def library(bibs: int, work: Path = WORK) -> tuple[Path, AnswerKey]:
    """A whole library: bibs, items in bibs and in a list, patrons, a hundredth of it dirty."""
    folder = work / f"library-{bibs}"
    return folder, _made(folder, lambda half: make_library(half, SHAPE, bibs=bibs, seed=SEED))
