"""report.md, issues.csv, ledger.csv and the tallies they rest on, with an invented run."""

from __future__ import annotations

import csv
import dataclasses
import datetime
from pathlib import Path

import pyarrow as pa
import pytest

from transformer.errors import MachineError
from transformer.reports.facts import (
    DeliveredFile,
    ProfileFound,
    ReportFacts,
    SetAside,
    SuppressionValue,
    UnmappedCode,
)
from transformer.reports.report import code, report_text, text, write_report
from transformer.reports.tally import tally
from transformer.reports.words import closes, next_steps, sum_by_kind, verdict
from transformer.schema.books import ISSUE, LEDGER, IssueCode
from transformer.writers.csv import write_csv

CODES = {
    "unmapped": IssueCode("warning", "No map knows this code.", "Fill in the map."),
    "truncated": IssueCode("error", "The file ends in the middle of a record.", "Export again."),
    "birth-date": IssueCode("note", "A date of birth is no date.", "Look at the patron."),
}


def issue(code: str, severity: str = "warning", **facts: object) -> dict[str, object]:
    row: dict[str, object] = dict.fromkeys(ISSUE.names, "")
    return row | {"code": code, "severity": severity, "byte_start": None, "line": None} | facts


ISSUES = pa.Table.from_pylist(
    [
        issue("unmapped", kind="item", source_file="item.csv", line=7, column="location", value="xyz"),
        issue(
            "birth-date", "note", kind="patron", source_file="patron.csv", record_id="p1", value="31/31/31"
        ),
        issue("truncated", "error", kind="bib", source_file="bib.mrc", byte_start=12345),
        *(
            issue("unmapped", kind="item", source_file="item.csv", line=n, column="location", value="pqr")
            for n in range(8, 20)
        ),
        issue("own-rule", kind="bib", source_file="bib.mrc", record_id="b1", tag="245", value="a" * 200),
    ],
    ISSUE,
)

LEDGER_TABLE = pa.Table.from_pylist(
    [
        dict(zip(LEDGER.names, row, strict=True))
        for row in [
            ("item.csv", "item", 4000, 3999, 0, 1, 0, ""),
            ("(made)", "holdings", 0, 0, 0, 0, 3500, "item"),
            ("bib.mrc", "item", 4100, 100, 4000, 0, 0, ""),
            ("bib.mrc", "bib", 3000, 2998, 0, 2, 0, ""),
        ]
    ],
    LEDGER,
)

FACTS = ReportFacts(
    site="Stadtbibliothek Neustadt",
    system="Old System",
    run="0001",
    target="self-load",
    as_of=datetime.date(2026, 1, 31),
    version="0.1.0",
    exit_code=1,
    reasons=("1 location is not in the map",),
    tallies=tally(ISSUES, CODES),
    set_aside=(SetAside("item", "unmapped", 1, "set-aside/item.csv"), SetAside("bib", "truncated", 2, "x")),
    unmapped=(UnmappedCode("location", "xyz", 13, "maps/location.csv", "item.csv, line 7", True),),
    profiles=(ProfileFound("bib", "bib.mrc", "A", "998a in 99 % of records"),),
    suppression=(
        SuppressionValue("bib", "bcode3", "n", 40),
        SuppressionValue("bib", "bcode3", "-", 9000, False),
    ),
    files=(
        DeliveredFile("item/item.csv", 4099, 120_000, "ef" * 32),
        DeliveredFile("bib/bib-001.xml", 2998, 4_000_000, "cd" * 32),
    ),
    times="began 2026-01-31 10:00, took 12 s",
)


def test_tallies_are_gravest_first_then_most_frequent() -> None:
    assert [(t.severity, t.code, t.count) for t in tally(ISSUES, CODES)] == [
        ("error", "truncated", 1),
        ("warning", "unmapped", 13),
        ("warning", "own-rule", 1),
        ("note", "birth-date", 1),
    ]


def test_tallies_show_the_first_places_and_the_remedy() -> None:
    unmapped = next(t for t in tally(ISSUES, CODES) if t.code == "unmapped")
    assert unmapped.sentence == "No map knows this code."
    assert unmapped.remedy == "Fill in the map."
    assert unmapped.examples == (
        'item.csv, line 7, location, "xyz"',
        'item.csv, line 8, location, "pqr"',
        'item.csv, line 9, location, "pqr"',
    )


def test_tallies_of_people_show_numbers_only() -> None:
    patron = next(t for t in tally(ISSUES, CODES) if t.code == "birth-date")
    assert patron.examples == ("patron.csv, patron p1",)


def test_an_unknown_code_and_a_long_value_are_bearable() -> None:
    own = next(t for t in tally(ISSUES, CODES) if t.code == "own-rule")
    assert own.sentence == "Finding `own-rule`."
    assert own.examples == (f'bib.mrc, bib b1, 245, "{"a" * 59}…"',)


def test_no_issues_no_tallies() -> None:
    assert tally(ISSUE.empty_table()) == ()


def test_tallies_do_not_depend_on_chunks() -> None:
    chunked = pa.concat_tables([ISSUES.slice(at, 1) for at in range(ISSUES.num_rows)])
    assert tally(chunked, CODES) == tally(ISSUES, CODES)


def test_the_books_of_a_row() -> None:
    rows = [dataclasses.make_dataclass("Row", LEDGER.names)(**row) for row in LEDGER_TABLE.to_pylist()]
    assert all(closes(row) for row in rows)
    rows[0].set_aside_count = 0
    assert not closes(rows[0])
    assert list(sum_by_kind(rows)) == ["bib", "holdings", "item"]
    assert sum_by_kind(rows)["item"] == (8100, 4099, 4000, 0, 0)


def test_the_report_says_it_all_in_order() -> None:
    said = report_text(FACTS, LEDGER_TABLE)
    assert [line for line in said.splitlines() if line.startswith("#")] == [
        "# Stadtbibliothek Neustadt: run 0001",
        "## What to do next",
        "## The books",
        "## Set aside",
        "## Codes that no map knows",
        "## Values that may suppress",
        "## What was found",
        "### error, once: The file ends in the middle of a record.",
        "### warning, 13 times: No map knows this code.",
        "### warning, once: Finding 'own-rule'.",
        "### note, once: A date of birth is no date.",
        "## Layouts found",
        "## Delivery",
    ]
    for line in (
        "**The run is done, but over the limits of this library: do not load the delivery yet.**",
        "- 1 location is not in the map",
        "2026-01-31, transformer 0.1.0, exit code 1.",
        "Times: began 2026-01-31 10:00, took 12 s",
        "| bib.mrc | bib | 3,000 | 2,998 | 0 | 2 | 0 |  | yes |",
        "| (made) | holdings | 0 | 0 | 0 | 0 | 3,500 | item | yes |",
        "| item | unmapped | 1 | `set-aside/item.csv` |",
        "| location | `xyz` | 13 | kept out of the delivery | item.csv, line 7 | maps/location.csv |",
        "| bib | bcode3 | `n` | 40 | not decided: not suppressed |",
        "- bib.mrc, byte 12,345",
        "| bib | bib.mrc | A | 998a in 99 % of records |",
        f"| `bib/bib-001.xml` | 2,998 | 4,000,000 | `{'cd' * 32}` |",
    ):
        assert line in said.splitlines()
    assert "31/31/31" not in said


def test_only_the_line_of_times_may_differ() -> None:
    later = dataclasses.replace(FACTS, times="began another day")
    before, after = (report_text(facts, LEDGER_TABLE).splitlines() for facts in (FACTS, later))
    assert [b for b, a in zip(before, after, strict=True) if b != a] == [f"Times: {FACTS.times}"]


def test_the_order_of_the_facts_does_not_matter() -> None:
    turned = dataclasses.replace(
        FACTS,
        set_aside=FACTS.set_aside[::-1],
        suppression=FACTS.suppression[::-1],
        files=FACTS.files[::-1],
        tallies=FACTS.tallies[::-1],
    )
    backwards = LEDGER_TABLE.take([3, 2, 1, 0])
    assert report_text(turned, backwards) == report_text(FACTS, LEDGER_TABLE)


def test_a_ledger_that_does_not_close_is_seen() -> None:
    broken = LEDGER_TABLE.to_pylist()
    broken[3]["set_aside_count"] = 1
    said = report_text(dataclasses.replace(FACTS, exit_code=6), pa.Table.from_pylist(broken, LEDGER))
    assert "| bib.mrc | bib | 3,000 | 2,998 | 0 | 1 | 0 |  | **NO** |" in said
    assert "Do not use this delivery." in said


def test_the_files_are_written_and_nothing_else(tmp_path: Path) -> None:
    path = write_report(tmp_path, FACTS, LEDGER_TABLE, ISSUES, write_csv)
    assert path == tmp_path / "reports" / "report.md"
    assert sorted(p.name for p in path.parent.iterdir()) == ["issues.csv", "ledger.csv", "report.md"]
    assert b"\r" not in path.read_bytes()
    with (path.parent / "issues.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == ISSUES.num_rows
    assert rows[2]["byte_start"] == "12345"
    assert rows[0]["byte_start"] == ""
    with (path.parent / "ledger.csv").open(encoding="utf-8", newline="") as file:
        assert next(csv.reader(file)) == LEDGER.names


def test_a_report_that_cannot_be_written_is_the_machines_matter(tmp_path: Path) -> None:
    (tmp_path / "reports").write_bytes(b"a file in the way")
    with pytest.raises(MachineError, match="report cannot be written"):
        write_report(tmp_path, FACTS, LEDGER_TABLE, ISSUES, write_csv)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, "over the limits"),
        ({"exit_code": 0}, "1 finding of severity error should be seen first"),
        ({"exit_code": 0, "tallies": ()}, "complete, with 3 set aside"),
        ({"exit_code": 6}, "do not close"),
    ],
)
def test_the_verdict(change: dict[str, object], said: str) -> None:
    assert said in verdict(dataclasses.replace(FACTS, **change), 3)


def test_a_clean_run_has_one_next_step() -> None:
    clean = dataclasses.replace(
        FACTS, exit_code=0, reasons=(), tallies=(), set_aside=(), unmapped=(), suppression=()
    )
    assert verdict(clean, 0) == "The delivery is complete, and nothing was set aside."
    assert next_steps(clean, 0) == (
        "Load `out/` in this order: bib, holdings, item, patron; a handful of each first.",
    )
    assert "code tables" in next_steps(dataclasses.replace(clean, target="migration"), 0)[0]


def test_next_steps_name_the_maps_to_fill() -> None:
    steps = next_steps(FACTS, 3)
    assert steps[0].startswith("Fill in `maps/location.csv`: what these maps do not know is kept out")
    assert "Say in the project file which values suppress" in steps[1]
    assert "Run again" in steps[-1]


def test_values_cannot_break_the_markdown() -> None:
    assert text("a|b\n<script>`x`*y*[z]\x1f&") == "a\\|b\\n&lt;script&gt;'x'\\*y\\*\\[z]\\x1f&amp;"
    assert code("a|b`*[<&\x1f") == "`a\\|b'*[<&\\x1f`"
