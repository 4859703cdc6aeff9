"""The issue table -> counts by code, with sentence, remedy and examples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from transformer.reports.facts import Tally
from transformer.reports.words import counted
from transformer.schema.books import ISSUE_CODES
from transformer.schema.issue_code import IssueCode

SEVERITIES: Final = ("error", "warning", "note")
PERSONAL_KINDS: Final = frozenset({"patron", "loan", "request", "fine"})
"""Kinds whose examples show a number and a place only, whatever a row's value says."""
EXAMPLES: Final = 3

_COLUMNS: Final = ("kind", "record_id", "source_file", "byte_start", "line", "tag", "column", "value")
TALLIED: Final = ("severity", "code", *_COLUMNS)
"""The columns of the issue table that are looked at."""


def tally(issues: pa.Table, codes: Mapping[str, IssueCode] = ISSUE_CODES) -> tuple[Tally, ...]:
    """One Tally a (severity, code): errors first, then the most frequent, then by code.

    issues: a table of schema/books.py ISSUE, or its columns `TALLIED`, in its total order; examples are its
    first rows of a code.
    codes: sentences and remedies; rules bring their own, merged by the caller. A code that is not in it
    gets its name as sentence (the house tests see to it that none is missing).
    """
    if issues.num_rows == 0:
        return ()
    numbered = pa.table(
        {
            "severity": issues["severity"],
            "code": issues["code"],
            "row": pa.array(range(issues.num_rows), pa.int64()),
        }
    )
    groups = numbered.group_by(["severity", "code"]).aggregate([("row", "count"), ("row", "min")])
    found = []
    for group in groups.to_pylist():
        known = codes.get(group["code"]) or IssueCode(group["severity"], f"Finding `{group['code']}`.", "")
        if known.by_value:
            counts, examples = _by_value(issues, group["severity"], group["code"])
            sentence = f"{known.sentence} ({counts})"
        else:
            examples = _examples(issues, group["severity"], group["code"], group["row_min"])
            sentence = known.sentence
        found.append(
            Tally(
                code=group["code"],
                severity=group["severity"],
                count=group["row_count"],
                sentence=sentence,
                remedy=known.remedy,
                examples=examples,
            )
        )
    return tuple(sorted(found, key=lambda t: (severity_rank(t.severity), -t.count, t.code)))


def severity_rank(severity: str) -> int:
    """error 0, warning 1, note 2; anything else after them."""
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)


def _by_value(issues: pa.Table, severity: str, code: str) -> tuple[str, tuple[str, ...]]:
    """(counts of the values, an example for each), by value."""
    mine = issues.filter(pc.and_(pc.equal(issues["severity"], severity), pc.equal(issues["code"], code)))
    count: dict[str, int] = {}
    first: dict[str, str] = {}
    for row in mine.select(_COLUMNS).to_pylist():
        count[row["value"]] = count.get(row["value"], 0) + 1
        first.setdefault(row["value"], place(row))
    values = sorted(count)
    counts = ", ".join(f"{value} in {counted(count[value], 'field')}" for value in values)
    return counts, tuple(first[value] for value in values)


def _examples(issues: pa.Table, severity: str, code: str, first_row: int) -> tuple[str, ...]:
    rest = issues.slice(first_row)
    mine = pc.and_(pc.equal(rest["severity"], severity), pc.equal(rest["code"], code))
    at = pc.indices_nonzero(mine).slice(0, 16 * EXAMPLES)
    places = dict.fromkeys(place(row) for row in rest.select(_COLUMNS).take(at).to_pylist())
    return tuple(list(places)[:EXAMPLES])


def place(row: Mapping[str, Any]) -> str:
    """Where a finding is: file, place in it, number, tag or column, value (never of a person's record).

    >>> place({"kind": "bib", "source_file": "bib.mrc", "byte_start": 1200, "tag": "245", "value": "x"})
    'bib.mrc, byte 1,200, 245, "x"'
    """
    parts = [row.get("source_file") or ""]
    if row.get("byte_start") is not None:
        parts.append(f"byte {row['byte_start']:,}")
    if row.get("line") is not None:
        parts.append(f"line {row['line']:,}")
    if row.get("record_id"):
        parts.append(f"{row.get('kind') or 'record'} {row['record_id']}")
    parts += [row.get("tag") or "", row.get("column") or ""]
    if row.get("value") and row.get("kind") not in PERSONAL_KINDS:
        value = str(row["value"])
        parts.append(f'"{value if len(value) <= 60 else value[:59] + "…"}"')
    return ", ".join(part for part in parts if part)
