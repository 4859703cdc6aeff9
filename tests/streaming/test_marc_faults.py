"""What MARC does not allow is told in a run: each kind once with its count, each finding in a table."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.makers import raw_record
from tests.streaming.sites import Delivery, make_site
from transformer.schema.issue_code import IssueCode
from transformer.schema.rule_codes import RULE_CODES

CODES = {
    "unknown-tag", "tag-repeated", "indicator-value", "unknown-code", "code-repeated", "fixed-value",
    "fixed-length", "field-missing",
}  # fmt: skip


def wrong_bibs() -> bytes:
    """Ten bibs; three have a 262, two a second 245, one a 650 $q."""
    made = []
    for number in range(10):
        fields = [
            ("008", b"260101s2026    xxka          000 0 eng d"),
            ("245", b"10\x1faTitle"),
            ("907", b"  \x1fa.b%07d" % (2_000_000 + number)),
        ]
        fields += [("262", b"  \x1faX")] * (number < 3) + [("245", b"10\x1faTitle")] * (number in (4, 5))
        fields += [("650", b" 0\x1faX\x1fqY")] * (number == 9)
        made.append(raw_record("00000nam a2200000 a 4500", sorted(fields)))
    return b"".join(made)


def run_with(folder: Path, rules: str = "") -> Delivery:
    site = make_site(folder, layout="A", seed=11, bibs=60, dirt=0.0)
    (site.extracts / "bib-2.mrc").write_bytes(wrong_bibs())
    if rules:
        (site.folder / "rules" / "validation.toml").write_text(rules)
    return site.run()


def told(delivery: Delivery) -> list[tuple[str, str, str, str]]:
    rows = pq.read_table(delivery.folder / "tables" / "issue.parquet").to_pylist()
    return [
        (row["code"], row["tag"], row["value"], row["message"].partition("(")[2])
        for row in rows
        if row["code"] in CODES and row["source_file"] == "bib-2.mrc"
    ]


def test_codes_are_known() -> None:
    assert all(isinstance(RULE_CODES[code], IssueCode) for code in CODES)


def test_kinds_and_counts(tmp_path: Path) -> None:
    delivery = run_with(tmp_path / "lib")
    assert sorted(told(delivery)) == [
        ("tag-repeated", "245", "", "2 times in 2 records; the first stands here)"),
        ("unknown-code", "650", "$q", "once; the first stands here)"),
        ("unknown-tag", "262", "", "3 times in 3 records; the first stands here)"),
    ]
    table = pq.read_table(delivery.folder / "tables" / "marc_fault.parquet").to_pylist()
    mine = Counter((row["code"], row["tag"]) for row in table if row["source_file"] == "bib-2.mrc")
    assert mine == {("tag-repeated", "245"): 2, ("unknown-code", "650"): 1, ("unknown-tag", "262"): 3}


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ('[validation]\nbib = ""\n', set()),
        ('[validation]\nbib = "unimarc_bib"\n', {"unknown-tag", "field-missing"}),
    ],
)
def test_the_site_chooses_the_format(tmp_path: Path, rules: str, expected: set[str]) -> None:
    """In UNIMARC 245, 262 and 650 are no fields, 100 and 200 must be there."""
    codes = {code for code, *_ in told(run_with(tmp_path / "lib", rules))}
    assert codes >= expected and bool(codes) is bool(expected)
