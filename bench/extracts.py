"""The seeded files of the bench, made once and kept in bench/work.

`bib_file`: bibs of 0.8 to 3 KB, mean 1.45, 20 to 40 fields, a third of them with text in other scripts or
with `&`, `<`, `>`; items in the bibs; no dirt. `library`: everything that a library has, dirt included.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from transformer.synth import AnswerKey, make_library

ROOT = Path(__file__).resolve().parents[1]
SHAPE = ROOT / "rules" / "sierra" / "synth.toml"
WORK = ROOT / "bench" / "work"
SEED = 7


def _made(folder: Path, make: Callable[[Path], AnswerKey]) -> AnswerKey:
    """The key of a folder of extracts, which are made under another name first: no half files."""
    key_file = folder / "answer-key.json"
    if not key_file.is_file():
        half = folder.with_name(folder.name + ".half")
        shutil.rmtree(half, ignore_errors=True)
        make(half)
        shutil.rmtree(folder, ignore_errors=True)
        half.rename(folder)
    return AnswerKey.read(key_file)


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
