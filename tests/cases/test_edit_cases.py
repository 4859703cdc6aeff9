"""Golden cases of edits: tests/cases/base/edits/<trait>.toml, found without being listed.

    why       where the expectation comes from
    rules     the site's rules, as TOML text; base = true leaves base's own edits on
    item      rows of an item list, for conditions about items
    [[record]] before, after: the record as lines (tests/edited.py), or `set aside: ` and the rule; a 907 with
              the number is added behind `before`, and left out again by the system's profile
    [[issue]] columns of an issue row that must be there

Expected records are written by hand.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.edited import OFF, record_of, run

CASES = sorted((Path(__file__).parent / "base" / "edits").glob("*.toml"))


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_edits(path: Path, tmp_path: Path) -> None:
    case = tomllib.loads(path.read_text("utf-8"))
    before = [
        record_of([*one["before"], f"907 __ $a .b{1000000 + at}"]) for at, one in enumerate(case["record"])
    ]
    rules = case["rules"] if case.get("base") else OFF + case["rules"]
    for name, text in case.get("maps", {}).items():
        (tmp_path / "maps").mkdir(exist_ok=True)
        (tmp_path / "maps" / f"{name}.csv").write_text(text, "utf-8")
    made, applied = run(before, rules, tmp_path, case.get("item"))
    left = [one for one in case["record"] if isinstance(one["after"], str)]
    told = [f"set aside: {row['set_aside_rule']}" for row in applied.bib.to_table().to_pylist()]
    assert [rule for rule in told if "None" not in rule] == [one["after"] for one in left]
    for one, ours in zip([one for one in case["record"] if one not in left], made, strict=True):
        assert ours.fields == record_of(one["after"]).fields, one.get("about", one["before"])
    found = applied.issue.to_table().to_pylist()
    for wanted in case.get("issue", []):
        assert any(all(row[k] == v for k, v in wanted.items()) for row in found), (wanted, found)
