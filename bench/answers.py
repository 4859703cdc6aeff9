"""Is what came out of a run what the answer key expects? Every count, and row by row the key's sample.

    python -m bench.answers LIBRARY [RUN]

LIBRARY: a folder made by `bench.extracts.site` (extracts and key in LIBRARY/extracts). Prints what differs,
by kind of difference with examples, and ends with 1 if anything does. Numbers are expected with letter and
check digit, as the sample site delivers them. The delivery is read with Python's csv and pymarc's XML reader.
"""

from __future__ import annotations

import csv
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from bench import compare
from transformer.synth import AnswerKey

Differences = dict[str, list[str]]
BIB_DAMAGE = {"wrong-length": "length-mended", "cut": "record-length", "bad-utf8": "not-utf8"}
"""Damage planted -> issue code that tells it. A record cut short in the middle of a file is one whose length
leads nowhere."""


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
    counts = key.counts["item"]
    _count(made, "delivered", counts["delivered"], len(found))
    for name, column in (("location", "source_location"), ("item_type", "source_item_type")):
        _count(made, name, counts["delivered_by"][name], Counter(row[column] for row in found.values()))
    loans = sum(row["process_type"] in ("LOAN", "CLAIM_RETURNED_LOAN") for row in found.values())
    _count(made, "on_loan", counts["on_loan"], loans)
    shelf = sum(row["process_type"] == "HOLDSHELF" for row in found.values())
    _count(made, "on_shelf", counts["on_shelf"], shelf)
    bound = Counter(row["item_number"] for row in _csv(out / "item", "bound_with-*.csv"))
    _count(made, "bound_with", Counter({2: counts["bound_with"]}), Counter(bound.values()))
    return dict(made)


def _count(made: Differences, name: str, expected: Any, found: Any) -> None:
    """Tells a count that differs; of several, those that do."""
    if isinstance(found, Counter):
        wanted = Counter(expected)
        for code in sorted(map(str, (wanted - found) + (found - wanted))):
            made[f"count {name}"].append(f"{code}: differs")
    elif expected != found:
        made[f"count {name}"].append(f"{found}, expected {expected}")


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
        "due_back_date": row["due"],
        "call_number": " ".join(part for part in row["call_number"] if part),
        "call_number_type": row["expected_scheme"],
        "source_location": row["location"],
        "source_item_type": row["item_type"],
        "source_status": row["expected_source_status"],
    }


def bibs(out: Path, key: AnswerKey) -> Differences:
    """Differences between the key's bib rows and the delivered records."""
    made: Differences = defaultdict(list)
    expected = {row["number_written"].strip("."): row for row in key.bib_rows}
    seen: set[str] = set()
    counted: Counter[str] = Counter()
    for path in sorted((out / "bib").glob("*.xml")):
        for _, fields in compare.of_xml(path):
            number = next(field[1] for field in fields if field[0] == "001")
            counted["suppressed" if "suppressed" in path.name else "open"] += 1
            if (row := expected.get(number)) is not None:
                seen.add(number)
                for name, problem in _bib(row, fields, "suppressed" in path.name, key.expected):
                    made[name].append(f"{number}: {problem}")
    for number, row in expected.items():
        if (number in seen) != (row["outcome"] == "delivered"):
            made["outcome"].append(f"{number}: {row['outcome']} expected")
    counts = key.counts["bib"]
    _count(made, "suppressed", counts["suppressed"], counted["suppressed"])
    _count(made, "delivered", counts["delivered"], counted.total())
    return dict(made)


def _bib(
    row: dict[str, Any], fields: tuple[Any, ...], suppressed: bool, expected: dict[str, Any]
) -> Iterator[tuple[str, str]]:
    """What is wrong with one delivered bib."""
    values = [(f[0], code, value) for f in fields if len(f) == 4 for code, value in f[3]]
    if suppressed != row["suppressed"]:
        yield "suppressed", f"{suppressed}"
    if ("245", "a", row["title"]) not in values:
        yield "title", f"{row['title']} is missing"
    if row["expected_035"] and values.count(("035", "a", row["expected_035"])) != 1:
        yield "035", f"{row['expected_035']} {values.count(('035', 'a', row['expected_035']))} times"
    tags = {field[0] for field in fields}
    for tag in expected.get("gone", ("003", "907", "998")):
        if tag in tags:
            yield tag, "still there"
    tag, code = expected.get("item_number", ("945", "y"))
    if any((tag, code) == value[:2] for value in values):
        yield tag, "an item is still there"


def holdings(out: Path, key: AnswerKey) -> Differences:
    """Differences of the number of holdings records, and of the bibs they name."""
    made: Differences = defaultdict(list)
    numbers: Counter[str] = Counter()
    for path in sorted((out / "holdings").glob("*.xml")):
        for _, fields in compare.of_xml(path):
            numbers[next(field[1] for field in fields if field[0] == "001")] += 1
    _count(made, "delivered", key.counts["holdings"]["delivered"], len(numbers))
    _count(made, "of one number", 1, max(numbers.values(), default=1))
    named = {row["holding_number"] for row in _csv(out / "item", "item-*.csv")}
    if named - numbers.keys():
        made["named by items"].append(f"{len(named - numbers.keys())} are not there")
    return dict(made)


def patrons(out: Path, key: AnswerKey) -> Differences:
    """Differences between the key's patrons and the delivered ones."""
    made: Differences = defaultdict(list)
    counts, rows = key.counts["patron"], list(_csv(out / "patron", "patron-*.csv"))
    _count(made, "delivered", counts["delivered"], len(rows))
    _count(made, "type", counts["delivered_by_type"], Counter(row["source_patron_type"] for row in rows))
    expired = sum(row["expiry_date"] <= key.settings["as_of"] for row in rows)
    _count(made, "expired", counts["expired_delivered"], expired)
    types = Counter(row["id_type"] for row in _csv(out / "patron", "patron_identifier-*.csv"))
    for name, expected in counts["delivered_values"].items():
        found = (
            types[name] if name.isupper() else sum(1 for _ in _csv(out / "patron", f"patron_{name}-*.csv"))
        )
        _count(made, name, expected, found)
    by_number = {row["patron_number"]: row for row in rows}
    for row in key.patron_rows:
        got = by_number.get(row["number_written"])
        if (got is not None) != (row["outcome"] == "delivered"):
            made["outcome"].append(f"{row['number']}: {row['outcome']} expected")
        elif got is not None:
            last, _, rest = row["name"].partition(", ")
            wanted = {
                "last_name": last,
                "user_group": row["expected_user_group"],
                "primary_id": row["primary_id"],
            }
            for column, value in wanted.items():
                if got[column] != value:
                    made[column].append(f"{row['number']}: not as expected ({row['dirt']})")
            if f"{got['first_name']} {got['middle_name']}".strip() != rest:
                made["first_name"].append(f"{row['number']}: not as expected")
    return dict(made)


def issues(run: Path, key: AnswerKey) -> Differences:
    """Differences between what was planted and what is told: every kind of finding that the key knows, and
    errors of any other."""
    found: Counter[str] = Counter()
    errors: Counter[str] = Counter()
    for row in pq.read_table(run / "tables" / "issue.parquet").to_pylist():
        name = f"{row['kind']} {row['code']} {row['column']}".strip()
        number = re.match(r"([\d,]+) ", row["message"])
        size = int(number[1].replace(",", "")) if number and row["code"] not in _ONE_EACH else 1
        found[name] += size
        if row["severity"] == "error":
            errors[name] += size
    expected = Counter(key.counts["issue"])
    for damage, count in (key.counts["bib"]["set_aside"] | key.counts["bib"]["repaired"]).items():
        expected[f"bib {BIB_DAMAGE[damage]}"] += count
    expected["patron row-field-count"] = key.counts["patron"]["set_aside"].get("field-count", 0)
    doubles = key.counts["dirt"]["patron"]["duplicate-id"]
    expected["patron value-duplicate patron_identifier.value"] = doubles
    by_it = key.expected["primary_id"][0] == "university_id"
    expected["patron value-duplicate primary_id"] = doubles if by_it else 0
    expected["patron code-unmapped user_group"] = sum(
        count
        for code, count in key.counts["patron"]["delivered_by_type"].items()
        if code not in key.expected["patron_type"]
    )
    made: Differences = defaultdict(list)
    for name in sorted(expected.keys() | errors.keys()):
        _count(made, name, expected[name], found[name])
    return dict(made)


_ONE_EACH = {"row-field-count", "record-length", "length-mended", "not-utf8"}


def ledger(run: Path, key: AnswerKey) -> Differences:
    """Differences between rows planted in a file and rows read out of it, and what became of them."""
    made: Differences = defaultdict(list)
    rows = pq.read_table(run / "tables" / "ledger.parquet").to_pylist()
    for kind in ("loan", "request"):
        if (counts := key.counts.get(kind)) is not None:
            mine = [row for row in rows if row["kind"] == kind]
            _count(made, f"{kind} read", counts["list_rows"], sum(row["read_count"] for row in mine))
            aside = sum(row["set_aside_count"] for row in mine)
            _count(made, f"{kind} set aside", sum(counts["set_aside"].values()), aside)
    bib = [row for row in rows if row["kind"] == "bib"]
    _count(made, "bib merged", key.counts["bib"]["records"] - key.counts["bib"]["planted"],
           sum(row["merged_count"] for row in bib))  # fmt: skip
    embedded = [row for row in rows if row["kind"] == "item" and row["source_file"] == "bib.mrc"]
    counts = key.counts["item"]
    _count(made, "embedded", counts["embedded_fields"], sum(row["read_count"] for row in embedded))
    listed = [row for row in rows if row["kind"] == "item" and row["source_file"] == "items.csv"]
    _count(made, "listed", counts["list_rows"], sum(row["read_count"] for row in listed))
    return dict(made)


def differences(library: Path, run: str = "latest", key: AnswerKey | None = None) -> Differences:
    """All differences between a library's run and its key (None: that beside its extracts)."""
    key = key or AnswerKey.read(library / "extracts" / "answer-key.json")
    folder = library / "runs" / run
    out = folder / "out"
    found = {
        "item": items(out, key),
        "bib": bibs(out, key),
        "holdings": holdings(out, key),
        "patron": patrons(out, key),
        "issue": issues(folder, key),
        "ledger": ledger(folder, key),
    }
    return {f"{kind} {name}": texts for kind, part in found.items() for name, texts in part.items()}


if __name__ == "__main__":
    told = differences(Path(sys.argv[1]), *sys.argv[2:3])
    for name, texts in told.items():
        print(f"{name}: {len(texts)}")
        for text in texts[:3]:
            print(f"    {text}")
    print("as expected" if not told else "NOT as expected")
    sys.exit(bool(told))
