"""Cases of reading: files as a system writes them, rules that say how, and the tables that come of them.

    tests/cases/_reading/<trait>/
    case.toml   why; rules: the system's rules as TOML; project: what transformer.toml would say;
                expect.<table>: rows of a table of the rule connection, sorted by the columns that are named;
                only these are compared ("" = no value); expect_issue: rows that must be among the
                issues; expect_ledger: [file, kind, read, written, merged, set aside];
                expect_aside: [kind, code, the bytes]
    extracts/   the files

Expected values are written by hand from the files. Every case must close its books.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.reading import Reading, read_case

HERE = Path(__file__).parent / "_reading"
CASES = sorted(HERE.glob("*/case.toml"))


@pytest.mark.parametrize("path", CASES, ids=[path.parent.name for path in CASES])
def test_case(path: Path, tmp_path: Path) -> None:
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    with read_case(case, path.parent / "extracts", tmp_path) as reading:
        for name, wanted in case.get("expect", {}).items():
            compare(reading, name, wanted)
        for wanted in case.get("expect_issue", []):
            found = [row for row in reading.issues if row["code"] == wanted["code"]]
            assert any(fits(row, wanted) for row in found), f"no issue {wanted} among {reading.issues}"
        codes = {row["code"] for row in reading.issues}
        assert not codes & set(case.get("no_issue", []))
        if "expect_ledger" in case:
            assert reading.ledger == [tuple(row) for row in case["expect_ledger"]]
        for row in reading.ledger:
            assert row[2] == sum(row[3:6]), row
        if "expect_aside" in case:
            assert reading.aside == [tuple(row) for row in case["expect_aside"]]


def compare(reading: Reading, name: str, wanted: list[dict[str, Any]]) -> None:
    columns = list(dict.fromkeys(column for row in wanted for column in row))
    found = reading.rows(name, columns)
    assert found == [{c: row.get(c, "") for c in columns} for row in wanted]


def fits(row: dict[str, Any], wanted: dict[str, Any]) -> bool:
    return all((row[name] if row[name] is not None else "") == value for name, value in wanted.items())


def test_there_are_cases() -> None:
    assert CASES
