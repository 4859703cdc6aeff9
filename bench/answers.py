"""Is what came out of a run what the answer key expects? Row by row, for the key's sample of bibs and items.

    python -m bench.answers LIBRARY [RUN]

LIBRARY: a folder made from the sample site and `make_library` (extracts and key in LIBRARY/extracts). Prints
what differs, by kind of difference with examples, and ends with 1 if anything does. Numbers are expected
with letter and check digit, as the sample site delivers them.
"""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench import compare
from transformer.synth import AnswerKey

Differences = dict[str, list[str]]


def _csv(folder: Path, pattern: str) -> Iterator[dict[str, str]]:
    for path in sorted(folder.glob(pattern)):
        with path.open(encoding="utf-8", newline="") as file:
            yield from csv.DictReader(file)


def items(out: Path, key: AnswerKey) -> Differences:
    """Differences between the key's item rows and the delivered ones."""
    found = {row["item_number"]: row for row in _csv(out / "item", "item-*.csv")}
    made: Differences = defaultdict(list)
    for row in key.item_rows:
        number = row["number_written"].strip(".")
        got = found.get(number)
        if (got is not None) != (row["outcome"] == "delivered"):
            made["outcome"].append(
                f"{number}: {row['outcome']} expected, {'delivered' if got else 'not delivered'}"
            )
        elif got is not None:
            for column, expected in _item(row).items():
                if got[column] != expected:
                    made[column].append(f"{number}: {got[column]!r}, expected {expected!r} ({row['dirt']})")
    return dict(made)


def _item(row: dict[str, Any]) -> dict[str, str]:
    """Delivered column -> expected value."""
    status = row["expected_status"]
    library, location = row["expected_library_location"]
    policy, material = row["expected_policy_material"]
    return {
        "barcode": row["barcode"],
        "library": library,
        "location": location,
        "policy": policy,
        "physical_material_type": material,
        "base_status": status["base_status"],
        "process_type": status["process_type"],
        "internal_note_1": "|".join([status["note"], *row["notes"]] if status["note"] else row["notes"]),
        "fulfillment_note": row["message"],
        "physical_condition": status["condition"],
        "description": row["volume"],
        "arrival_date": row["created"],
        "call_number": " ".join(part for part in row["call_number"] if part),
        "call_number_type": row["expected_scheme"],
        "source_location": row["location"],
        "source_item_type": row["item_type"],
        "source_status": row["status"],
    }


def bibs(out: Path, key: AnswerKey) -> Differences:
    """Differences between the key's bib rows and the delivered records."""
    made: Differences = defaultdict(list)
    expected = {row["number_written"].strip("."): row for row in key.bib_rows}
    seen: set[str] = set()
    for path in sorted((out / "bib").glob("*.xml")):
        for _, fields in compare.of_xml(path):
            number = next(field[1] for field in fields if field[0] == "001")
            if (row := expected.get(number)) is not None:
                seen.add(number)
                for name, problem in _bib(row, fields, "suppressed" in path.name):
                    made[name].append(f"{number}: {problem}")
    for number, row in expected.items():
        if (number in seen) != (row["outcome"] == "delivered"):
            made["outcome"].append(f"{number}: {row['outcome']} expected")
    return dict(made)


def _bib(row: dict[str, Any], fields: tuple[Any, ...], suppressed: bool) -> Iterator[tuple[str, str]]:
    """What is wrong with one delivered bib."""
    values = [(f[0], code, value) for f in fields if len(f) == 4 for code, value in f[3]]
    if suppressed != row["suppressed"]:
        yield "suppressed", f"{suppressed}"
    if ("245", "a", row["title"]) not in values:
        yield "title", f"{row['title']} is missing"
    if row["expected_035"] and values.count(("035", "a", row["expected_035"])) != 1:
        yield "035", f"{row['expected_035']} {values.count(('035', 'a', row['expected_035']))} times"
    tags = {field[0] for field in fields}
    for tag in ("003", "907", "998"):
        if tag in tags:
            yield tag, "still there"
    if any(tag == "945" and code == "y" for tag, code, _ in values):
        yield "945", "an item is still there"


def differences(library: Path, run: str = "latest") -> Differences:
    """All differences between a library's run and its key."""
    key = AnswerKey.read(library / "extracts" / "answer-key.json")
    out = library / "runs" / run / "out"
    found = {f"item {name}": texts for name, texts in items(out, key).items()}
    return found | {f"bib {name}": texts for name, texts in bibs(out, key).items()}


if __name__ == "__main__":
    told = differences(Path(sys.argv[1]), *sys.argv[2:3])
    for name, texts in told.items():
        print(f"{name}: {len(texts)}")
        for text in texts[:3]:
            print(f"    {text}")
    print("as expected" if not told else "NOT as expected")
    sys.exit(bool(told))
