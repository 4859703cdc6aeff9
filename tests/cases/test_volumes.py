"""Texts of volumes and what they say: tests/cases/base/volumes.csv, written by hand.

The texts are such as stand in real records (945 $c, 949 $v, 999 $v, 866 $a) and in words of other
languages; the columns are enumeration a, b, c, g, h, chronology i, j, k and the copy, as MARC 21 has them
in 853 and 863 (months 01 to 12, seasons 21 to 24; g and h are the alternative numbering). A row without any
is not understood.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.staged import apply_to, delivered, issues
from transformer.errors import RulesError
from transformer.pipeline.applied import Applied
from transformer.ruleset.files.project import Project
from transformer.ruleset.load import rule_folders
from transformer.ruleset.trial import check

with (Path(__file__).parent / "base" / "volumes.csv").open(encoding="utf-8", newline="") as file:
    CASES = list(csv.DictReader(file))
ASKED = '[enumeration]\nfrom = "volume"\n[item.copy_id]\nfrom = ["copy", "enumeration.copy"]\n'
COLUMNS = {
    **{letter: f"enumeration_{letter}" for letter in "abcdefgh"},
    **{letter: f"chronology_{letter}" for letter in "ijk"},
    "copy": "copy_id",
}


def _applied(texts: list[str], rules: str, folder: Path) -> Applied:
    (folder / "maps").mkdir(parents=True)
    (folder / "maps" / "location.csv").write_text("code,library,location\nmain,MAIN,STACKS\n")
    (folder / "site.toml").write_text(rules)
    items = [
        {"number": f"i{2000000 + n}", "bib_number": "b10574141", "location": "main", "volume": text}
        for n, text in enumerate(texts)
    ]
    project = Project("sierra", target="self-load")
    return apply_to([{"907a": ".b10574141"}], items, None, project, folder)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Applied:
    return _applied([case["text"] for case in CASES], ASKED, tmp_path_factory.mktemp("volumes"))


def test_there_are_enough() -> None:
    assert len({case["text"] for case in CASES}) == len(CASES) >= 60


def test_each_text_says_what_was_written_by_hand(found: Applied) -> None:
    rows = {row["description"]: row for row in delivered(found, "item")}
    wrong = {}
    for case in CASES:
        wanted = {COLUMNS[name]: value for name, value in case.items() if name != "text" and value}
        row = rows[case["text"].strip()]
        made = {name: row[name] for name in COLUMNS.values() if name in row}
        if made != wanted:
            wrong[case["text"]] = made
    assert not wrong


def test_what_is_not_understood_is_counted_and_stays_in_the_description(found: Applied) -> None:
    silent = [case["text"] for case in CASES if not any(v for k, v in case.items() if k != "text")]
    (issue,) = issues(found, "volume-not-understood")
    assert issue["severity"] == "note"
    assert issue["message"].startswith(f"{len(silent)} items, {len(silent)} texts, for instance: ")
    # The most frequent first, equal ones by their text.
    assert issue["message"].endswith("; ".join(sorted(silent)[:5]))


def test_the_whole_text_may_go_to_the_first_level(tmp_path: Path) -> None:
    rules = ASKED.replace("from", 'not_understood = "enumeration_a"\nfrom', 1)
    made = delivered(_applied(["ML 1 J39", "v.2"], rules, tmp_path), "item")
    assert [row["enumeration_a"] for row in made] == ["ML 1 J39", "2"]


def test_nothing_is_taken_apart_unless_asked(tmp_path: Path) -> None:
    applied = _applied(["v.2"], "", tmp_path)
    (row,) = delivered(applied, "item")
    assert row["description"] == "v.2"
    assert "enumeration_a" not in row


def test_a_site_adds_captions_and_turns_pieces_off(tmp_path: Path) -> None:
    off = '\n[[enumeration.piece]]\nid = "bare-number"\noff = true\n'
    (tmp_path / "site" / "maps").mkdir(parents=True)
    (tmp_path / "site" / "maps" / "enumeration_caption.csv").write_text(
        "caption,level\nZväzok,volume\n", encoding="utf-8"
    )
    (tmp_path / "site" / "maps" / "location.csv").write_text("code,library,location\nmain,MAIN,STACKS\n")
    (tmp_path / "site" / "site.toml").write_text(ASKED + off)
    items = [
        {"number": f"i200000{n}", "bib_number": "b10574141", "location": "main", "volume": text}
        for n, text in enumerate(("zväzok 7", "12"))
    ]
    project = Project("sierra", target="self-load")
    made = delivered(apply_to([{"907a": ".b10574141"}], items, None, project, tmp_path / "site"), "item")
    assert [row.get("enumeration_a") for row in made] == ["7", None]


@pytest.mark.parametrize(
    ("piece", "said"),
    [
        ('pattern = "{volum}([0-9]+)"\ngives = ["volume"]', "Did you mean 'volume'?"),
        ('pattern = "([0-9]+)x([0-9]+)"\ngives = ["volume"]', "2 groups in brackets"),
        ('pattern = "([0-9]+)"\ngives = ["tome"]', "gives 'tome'"),
        ('pattern = "([0-9]+"\ngives = ["volume"]', "regular expression"),
    ],
)
def test_pieces_that_make_no_sense_are_told(piece: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "site.toml").write_text(f'[[enumeration.piece]]\nid = "mine"\n{piece}\n')
    told = check(rule_folders("sierra", tmp_path))
    assert any(said in str(mistake) and "mine" in mistake.key for mistake in told), told


def test_names_of_enumeration_need_a_text(tmp_path: Path) -> None:
    with pytest.raises(RulesError, match=r"enumeration\.copy"):
        _applied(["v.2"], '[item.copy_id]\nfrom = "enumeration.copy"\n', tmp_path)
