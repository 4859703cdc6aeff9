"""Synthetic libraries of every system, run and held against their answer keys: each figure is met exactly.

What is expected comes from the planting and from tables written by hand in the shapes; the delivery is read
with Python's csv and pymarc (bench/answers.py).
"""

from __future__ import annotations

import csv
import datetime
from pathlib import Path
from typing import Any

import pytest

from bench import answers
from bench.extracts import site
from transformer import api
from transformer.synth import AnswerKey

LIBRARIES: dict[str, tuple[str, dict[str, Any]]] = {
    # This seed has a row of a damaged bib with a second barcode, and checkin records of an unknown location.
    "sierra": ("sierra", {"bibs": 2000, "dirt": 0.03, "seed": 26}),
    "sierra in MARC-8": ("sierra", {"bibs": 500, "dirt": 0.03, "seed": 5, "layout": "A-marc8"}),
    "koha": ("koha", {"bibs": 1000, "dirt": 0.06, "seed": 7}),
    # This seed has an item on order with an impossible date, of which nothing is told.
    "symphony": ("symphony", {"bibs": 1000, "dirt": 0.06, "seed": 17}),
}

Library = tuple[Path, AnswerKey]


@pytest.fixture(scope="module", params=list(LIBRARIES))
def library(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Library:
    system, words = LIBRARIES[request.param]
    folder = tmp_path_factory.mktemp("library") / "lib"
    key = site(system, folder, **words)
    (folder / "extracts" / "answer-key.json").unlink()
    api.run(folder, name="r", as_of=datetime.date.fromisoformat(key.settings["as_of"]), threads=2)
    return folder, key


def test_every_figure_of_the_key_is_met(library: Library) -> None:
    folder, key = library
    assert answers.differences(folder, "r", key) == {}


def test_the_key_says_enough(library: Library) -> None:
    """All kinds of dirt, loans, a hold shelf, and a thousand rows of a library of 1,000 bibs."""
    _, key = library
    counts = key.counts
    assert counts["item"]["on_loan"] > 0.15 * counts["bib"]["planted"]
    assert counts["loan"]["list_rows"] > counts["item"]["on_loan"] * 0.9
    assert counts["request"]["planted"] > 0
    assert len(key.bib_rows) + len(key.item_rows) + len(key.patron_rows) >= 1000
    for kind in ("item", "patron", "loan"):
        planted = counts["dirt"][kind]
        assert planted
        assert counts["bib"]["planted"] < 1000 or all(planted.values())


def test_a_wrong_delivery_is_seen(library: Library) -> None:
    """The comparison can fail: one row less, one value changed, one finding forgotten."""
    folder, key = library
    [path, *_] = sorted((folder / "runs" / "r" / "out" / "item").glob("item-*.csv"))
    whole = path.read_bytes()
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    sampled = {row["number_written"].strip(".") for row in key.item_rows}
    at = next(n for n, row in enumerate(rows) if row["item_number"] in sampled)
    rows[at]["process_type"], rows[at]["location"] = "ODD", "odd"
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows[:-1] if at < len(rows) - 1 else rows[1:])
        found = answers.items(folder / "runs" / "r" / "out", key)
    finally:
        path.write_bytes(whole)
    assert {"process_type", "location", "count delivered"} <= found.keys()
    less = AnswerKey(**{name: getattr(key, name) for name in AnswerKey.__slots__})
    counts = dict(key.counts)
    counts["issue"] = counts["issue"] | {"loan loan-no-item": counts["issue"]["loan loan-no-item"] + 1}
    object.__setattr__(less, "counts", counts)
    assert set(answers.issues(folder / "runs" / "r", less)) == {"count loan loan-no-item"}
