"""Mistakes in [item_status], in the map of statuses and in procedures: each told with key and words."""

from __future__ import annotations

from pathlib import Path

import pytest

from transformer.ruleset.files.project import Project
from transformer.ruleset.load import rules_home
from transformer.ruleset.trial import check

HEAD = "code,label,match,base_status,process_type,note,with_loan,with_request,after_go_live\n"


def mistakes(site: Path, toml: str = "", **maps: str) -> list[tuple[str, str]]:
    (site / "maps").mkdir(parents=True)
    (site / "site.toml").write_text(toml, encoding="utf-8")
    for name, text in maps.items():
        (site / "maps" / f"{name}.csv").write_text(text, encoding="utf-8")
    folders = [rules_home() / "base", rules_home() / "sierra", site]
    return [(one.key, one.found) for one in check(folders, Project("sierra"))]


@pytest.mark.parametrize(
    ("row", "key", "found"),
    [
        ("q,Q,code,2,,,,,", "line 2, base_status", "'2'"),
        ("q,Q,cod,0,,,,,", "line 2, match", "'cod'"),
        ("q,Q,code,0,,,,,set-mising", "line 2, after_go_live", "'set-mising'"),
        ("q,Q,code,0,,,LOAN|LOST_LOAN,,", "line 2, with_loan", "'LOAN|LOST_LOAN'"),
        ("q,Q,code,0,,,,no notes,", "line 2, with_request", "'no notes'"),
    ],
)
def test_words_of_the_map_that_mean_nothing(tmp_path: Path, row: str, key: str, found: str) -> None:
    assert mistakes(tmp_path / "rules", item_status=HEAD + row + "\n") == [(key, found)]


@pytest.mark.parametrize(
    ("toml", "key", "found"),
    [
        ('[item_status]\ncolumns = ["statsu"]', "item_status.columns", "column 'statsu'"),
        ('[item_status]\nopen_loan = ["loan.opne"]', "item_status.open_loan", "name 'loan.opne'"),
        (
            '[item_status]\nhold_shelf = ["request.on_shelf and"]',
            "item_status.hold_shelf",
            "condition 'request.on_shelf and'",
        ),
        ('[item_status]\nplaces = { status = "loc" }', "item_status.places", "map 'loc' of places"),
        ('[item_status]\nplaces = { status = "location.x" }', "item_status.places", "places 'location.x'"),
        ('[item_status]\nnote_in = "public_note"', "item_status.note_in", "'public_note'"),
        ('[item.description]\nfrom = "status.nte"', "item.description", "name 'status.nte'"),
        (
            '[[item_status.add]]\nid = "a"\nwhen = "nothing = 1"\nkind = "k"\ncode = "c"',
            "item_status.add a",
            "column 'nothing'",
        ),
        ('[worklist.own]\ntitle = "T"\nsteps = ["Look at {barcode}."]', "worklist.own", "{barcode}"),
        (
            '[worklist.own]\ntitle = "T"\nsteps = ["Look."]\nrest = true',
            "worklist",
            "rest = true in after-loan, own",
        ),
    ],
)
def test_rules_about_statuses_that_make_no_sense(tmp_path: Path, toml: str, key: str, found: str) -> None:
    assert (key, found) in mistakes(tmp_path / "rules", toml)


def test_a_code_needs_its_kind_where_there_are_several(tmp_path: Path) -> None:
    """1 is Lost in one column and Damaged in another."""
    toml = '[item_status]\ncolumns = ["status", "icode1"]\n'
    told = mistakes(tmp_path / "rules", toml, item_status_label="code,label\n1,Lost\n")
    assert ("line 2", "the code '1' without its kind") in told


def test_the_nearest_procedure_is_named(tmp_path: Path) -> None:
    site = tmp_path / "rules"
    (site / "maps").mkdir(parents=True)
    (site / "maps" / "item_status.csv").write_text(HEAD + "q,Q,code,0,,,,,set-mising\n", encoding="utf-8")
    told = check([rules_home() / "base", rules_home() / "sierra", site], Project("sierra"))
    assert "set-missing" in told[0].remedy
