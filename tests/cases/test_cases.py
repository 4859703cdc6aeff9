"""Golden cases: small files named by their trait, found without being listed.

    tests/cases/<system>/<trait>.toml
    why       where the expectation comes from
    project   what transformer.toml would say (system and target are filled in)
    maps      the site's maps: name -> CSV text; lists: its lists of Alma's codes, the same
    rules     the site's rules, as TOML text
    bib, item, patron    what was extracted (see tests/staged.py); or
    extracts  native files as they lie in extracts/: name -> text
    expect    item, patron, patron_<child>, holdings, aside, issue: lists of rows, of which only the named
              columns are compared, but each list must have as many rows as there are; "" = no value
              bib: number, stream, new = fields added in order, drop_fields, drop_tags
              no_issue: codes that must not occur
              suppressed, bound_with: those lists; table: name of any other table -> its rows
              taken: extract -> the file that it was found in, by what it shows

Expected values are written from the reference and by hand, never copied from what the rules make.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.extracted import apply_files
from tests.staged import apply_to, delivered, field, new_fields
from transformer.pipeline.applied import Applied
from transformer.ruleset.files.project import Project
from transformer.ruleset.files.validate import build

HERE = Path(__file__).parent
CASES = sorted(HERE.glob("*/*.toml"))


@pytest.mark.parametrize("path", CASES, ids=[f"{p.parent.name}-{p.stem}" for p in CASES])
def test_case(path: Path, tmp_path: Path) -> None:
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    for kind in ("maps", "lists"):
        (tmp_path / kind).mkdir()
        for name, text in case.get(kind, {}).items():
            (tmp_path / kind / f"{name}.csv").write_text(text, encoding="utf-8")
    (tmp_path / "site.toml").write_text(case.get("rules", ""), encoding="utf-8")
    told = {"system": path.parent.name, "target": "self-load", **case.get("project", {})}
    project, mistakes = build(Project, told, "project")
    assert project is not None, mistakes
    expect = case["expect"]
    if "extracts" in case:
        (tmp_path / "site").mkdir()
        for name in ("maps", "lists", "site.toml"):
            (tmp_path / name).rename(tmp_path / "site" / name)
        applied, planned = apply_files(case["extracts"], project, tmp_path / "site", tmp_path)
        taken = {extract: source.name for extract, files in planned.sources.items() for source in files}
        assert taken == expect.get("taken", taken)
    else:
        applied = apply_to(case["bib"], case.get("item"), case.get("patron"), project, tmp_path)
    for table in ("item", "patron", *(k for k in expect if k.startswith("patron_"))):
        if table in expect:
            _compare(table, delivered(applied, table), expect[table])
    _compare_others(applied, expect)


def _compare_others(applied: Applied, expect: dict[str, Any]) -> None:
    if "holdings" in expect:
        _compare("holdings", _holdings(applied), expect["holdings"])
    if "aside" in expect:
        _compare("aside", applied.set_aside.to_table().to_pylist(), expect["aside"])
    if "decision" in expect:
        _compare("decision", applied.item_decision.to_table().to_pylist(), expect["decision"])
    for name in ("bib_item", "suppressed", "bound_with"):
        if name in expect:
            _compare(name, getattr(applied, name).to_table().to_pylist(), expect[name])
    for name, wanted in expect.get("table", {}).items():
        _compare(name, delivered(applied, name), wanted)
    if "profile" in expect:
        chosen = [row["profile"] for row in applied.profile_report.to_pylist() if row["chosen"]]
        assert chosen == expect["profile"]
    found = applied.issue.to_table().to_pylist()
    for wanted in expect.get("issue", []):
        assert any(_fits(row, wanted) for row in found), f"no issue {wanted} among {found}"
    codes = {row["code"] for row in found}
    assert not codes & set(expect.get("no_issue", []))
    bibs = applied.bib.to_table().to_pylist()
    for number, wanted in enumerate(expect.get("bib", [])):
        _compare_bib(applied, bibs[number], wanted)


def _compare_bib(applied: Applied, bib: dict[str, Any], wanted: dict[str, Any]) -> None:
    record_no = bib["record_no"]
    for name in ("number", "stream"):
        if name in wanted:
            assert (bib[name] or "") == wanted[name]
    if "new" in wanted:
        made = [(text[:3], field(text) if "$" in text else text[4:]) for text in wanted["new"]]
        assert new_fields(applied, record_no) == made
    if "drop_fields" in wanted:
        rows = applied.bib_drop.between(record_no, record_no + 1).to_pylist()
        assert [row["field_no"] for row in rows] == wanted["drop_fields"]
    if "drop_tags" in wanted:
        tags = applied.bib_drop_tags.to_pylist()
        assert sorted(t["tag"] for t in tags if t["source_file"] == bib["source_file"]) == wanted["drop_tags"]


def _holdings(applied: Applied) -> list[dict[str, Any]]:
    """Each holdings record as a row: its columns, and its fields by tag; between several ` / `."""
    rows = applied.holdings.to_table().to_pylist()
    for row in rows:
        for made in applied.holdings_field.between(row["record_no"], row["record_no"] + 1).to_pylist():
            inner = made["inner"].replace("\x1f", " $")
            row[made["tag"]] = f"{row[made['tag']]} / {inner}" if made["tag"] in row else inner
    return rows


def _fits(row: dict[str, Any], wanted: dict[str, Any]) -> bool:
    return all((row.get(name) or "") == value for name, value in wanted.items())


def _compare(what: str, rows: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> None:
    assert len(rows) == len(wanted), f"{what}: {len(rows)} rows, {len(wanted)} expected: {rows}"
    for one in wanted:
        names = list(one)
        shown = [{name: row.get(name) or "" for name in names} for row in rows]
        assert one in shown, f"{what}: {one} is not among {shown}"
