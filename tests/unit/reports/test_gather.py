"""Tables of a run become sorted facts."""

from __future__ import annotations

import pyarrow as pa

from transformer.reports.facts import ProfileFound, SetAside, SuppressionValue, UnmappedCode
from transformer.reports.gather import profile_facts, set_aside_facts, suppression_facts, unmapped_facts


def test_set_aside_counts_by_rule_else_by_code() -> None:
    reasons = {
        ("item", "unmapped", "item.location"): 2,
        ("bib", "truncated", ""): 1,
        ("item", "not-a-row", ""): 1,
        ("bib", "", "no-withdrawn"): 1,
        ("bib", "other-code", "no-withdrawn"): 2,
    }
    assert set_aside_facts(reasons, {"item": "set-aside/item.bytes", "bib": "set-aside/bib.bytes"}) == (
        SetAside("bib", "no-withdrawn", 3, "set-aside/bib.bytes"),
        SetAside("bib", "truncated", 1, "set-aside/bib.bytes"),
        SetAside("item", "item.location", 2, "set-aside/item.bytes"),
        SetAside("item", "not-a-row", 1, "set-aside/item.bytes"),
    )


def test_unmapped_codes_leave_out_the_mapped() -> None:
    codes = pa.table(
        {
            "map": ["location", "item_type", "item_type", "item_type"],
            "code": ["xyz", "0", "7", None],
            "label": ["Stacks", "Book", None, None],
            "row_count": [3, 100, 5, 9],
            "mapped": [False, True, False, False],
        }
    )
    assert unmapped_facts(codes, {"location": "maps/location.csv"}, {"location"}) == (
        UnmappedCode("item_type", "", 9),
        UnmappedCode("item_type", "7", 5),
        UnmappedCode("location", "xyz", 3, "maps/location.csv", "Stacks", True),
    )


def test_suppression_is_undecided_until_the_site_says() -> None:
    values = {"-": 9000, "n": 40, "s": 40}
    assert [v.suppresses for v in suppression_facts(values, None, "bib", "x")] == [None, None, None]
    assert suppression_facts(values, ("n",), "bib", "x") == (
        SuppressionValue("bib", "x", "-", 9000, False),
        SuppressionValue("bib", "x", "n", 40, True),
        SuppressionValue("bib", "x", "s", 40, False),
    )


def test_the_chosen_profile_and_why() -> None:
    profiles = pa.table(
        {
            "extract": ["bib", "bib", "bib"],
            "source_file": ["b.mrc", "b.mrc", "a.mrc"],
            "profile": ["A", "B", "C"],
            "signs": ["998: 0.99", "998: 0.99", ""],
            "chosen": [False, True, True],
            "why": ["", "first whose signs are all met", "named by the project"],
        }
    )
    assert profile_facts(profiles) == (
        ProfileFound("bib", "a.mrc", "C", "named by the project"),
        ProfileFound("bib", "b.mrc", "B", "998: 0.99; first whose signs are all met"),
    )
