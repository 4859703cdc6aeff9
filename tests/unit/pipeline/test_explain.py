"""`explain`: what it says of a small library, written down by hand; and that it agrees with the delivery."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import asdict
from pathlib import Path

import pytest

from tests.makers import LEADER, record
from transformer import api
from transformer.errors import UsageError
from transformer.reports.explained import Explanation, Step, Thing

PROJECT = """
system = "sierra"
site = "Test Library"
target = "self-load"
[numbers]
prefix_035 = "TEST"
[bib]
suppress = ["n"]
[limits]
errors = 1000
unmapped_locations = 1000
set_aside_share = 1
"""
RULES = """
[[bib.edit]]
id = "no-local-notes"
drop = ["590"]
"""
ITEMS = """"RECORD #(ITEM)","RECORD #(BIBLIO)","BARCODE","I LOCATION","STATUS","I TYPE","NOTE(ITEM)"
"i20000017","b10000033","3999 001","main","-","1","bent corner"
"i20000029","b10000033","3999002","attic","-","1",""
"i20000030","b10000045","3999003","main","-","9",""
"i20000042","b19999999","3999004","main","-","1",""
"""
PATRONS = """"RECORD #(PATRON)","PATRN NAME","P BARCODE","P TYPE","EMAIL ADDR","ADDRESS"
"p30000014","Fabricated, Mocka","2999001","1","mocka@example.org","1 Invented Road$Sampleville"
"""


def _check(key: str) -> str:
    """A number with the check digit of the product: weights 2, 3 ... from the right, modulo 11."""
    total = sum(int(c) * n for n, c in enumerate(reversed(key), start=2)) % 11
    return key + ("x" if total == 10 else str(total))


def _bib(key: str, title: str, code: str = "-") -> bytes:
    fields = [
        ("001", "ocm1"),
        ("008", "010419s2023    mx            000 0 spa d"),
        ("245", "1", "0", [("a", title)]),
        ("590", " ", " ", [("a", "Gift of nobody.")]),
        ("907", " ", " ", [("a", f".b{_check(key)}"), ("b", "04-25-09"), ("c", "04-19-01")]),
        ("945", " ", " ", [("y", f".i{_check('2000001')}"), ("l", "main"), ("i", "3999001")])
        if key == "1000003"
        else ("500", " ", " ", [("a", "A note.")]),
        ("998", " ", " ", [("e", code)]),
    ]
    return record(LEADER, fields)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of two bibs, four items, one patron, with one finished run."""
    folder = tmp_path_factory.mktemp("explain") / "lib"
    (folder / "extracts").mkdir(parents=True)
    (folder / "rules" / "maps").mkdir(parents=True)
    (folder / "transformer.toml").write_text(PROJECT, encoding="utf-8")
    (folder / "rules" / "site.toml").write_text(RULES, encoding="utf-8")
    maps = folder / "rules" / "maps"
    (maps / "location.csv").write_text("code,library,location\nbranch,BRANCH,B1\nmain,MAIN,STACKS\n")
    (maps / "item_type.csv").write_text("code,item_policy,physical_material_type\n1,BOOKLOAN,BOOK\n")
    (maps / "patron_type.csv").write_text("code,user_group\n1,STAFF\n")
    extracts = folder / "extracts"
    (extracts / "bib.mrc").write_bytes(_bib("1000003", "First title") + _bib("1000004", "Second title", "n"))
    (extracts / "items.csv").write_text(ITEMS, encoding="utf-8")
    (extracts / "patrons.csv").write_text(PATRONS, encoding="utf-8")
    api.run(folder)
    return folder


def _one(library: Path, number: str, **words: object) -> Thing:
    told = api.explain(library, number, **words)  # type: ignore[arg-type]
    assert told.notes == ()
    assert len(told.things) == 1, told
    return told.things[0]


def _step(thing: Thing, column: str) -> Step:
    return next(step for step in thing.steps if step.column == column and step.taken)


def test_the_numbers_of_the_test_have_right_check_digits() -> None:
    assert [_check(k) for k in ("1000003", "2000001", "3000001")] == ["10000033", "20000017", "30000014"]


@pytest.mark.parametrize(
    "typed", ["3999001", "3999 001", "i20000017", "i2000001", ".i20000017", "2000001", " i2000001 "]
)
def test_an_item_by_each_form_of_its_number_and_by_its_barcode(library: Path, typed: str) -> None:
    thing = _one(library, typed, kind="item")
    assert (thing.kind, thing.number, thing.key) == ("item", "i20000017", "2000001")


def test_an_item_as_it_came_from_field_and_row(library: Path) -> None:
    thing = _one(library, "3999001")
    field, row = thing.came_as
    assert (field.source_file, field.record_no, field.parsed) == (
        "bib.mrc", 0, (("945", "__ $y.i20000017$lmain$i3999001"),),
    )  # fmt: skip
    assert (row.source_file, row.line) == ("items.csv", 2)
    assert row.byte_start == len(ITEMS.split("\n")[0]) + 1
    assert row.raw == ITEMS.split("\n")[1] + "\\n"
    assert dict(row.parsed)["location"] == "main"


def test_each_rule_with_before_and_after(library: Path) -> None:
    thing = _one(library, "3999001")
    barcode = _step(thing, "barcode")
    assert (barcode.inputs, barcode.after) == ((("barcode", "3999 001"),), "3999001")
    assert barcode.rule.startswith("base/rules.toml:")
    line = int(barcode.rule.rpartition(":")[2])
    text = (library / "runs" / "0001" / "rules" / "1-base" / "rules.toml").read_text("utf-8").splitlines()
    assert text[line - 1] == "[item.barcode]"
    place = _step(thing, "library")
    assert (place.looked_up, place.map_row, place.after) == ("main", "rules/maps/location.csv:3", "MAIN")
    assert _step(thing, "item_policy").after == "BOOKLOAN"


def test_where_an_item_was_written(library: Path) -> None:
    (went,) = _one(library, "3999001").went_to
    path = library / "runs" / "0001" / "out" / went.file
    number = int(went.place.partition("line ")[2].rstrip(")"))
    assert "i20000017" in path.read_text("utf-8").splitlines()[number - 1]
    assert dict(went.values)["barcode"] == "3999001"


def test_an_item_set_aside_says_by_which_rule(library: Path) -> None:
    unmapped = _one(library, "i2000002")
    assert unmapped.fate == "Set aside: location-unmapped, by the rule item.library."
    assert unmapped.went_to == ()
    lost = _one(library, "i2000004")
    assert lost.fate.startswith("Set aside: item-no-bib")
    assert [found.code for found in lost.found] == ["item-no-bib"]


def test_a_code_that_no_row_knows_is_told_with_the_issue_that_counts_it(library: Path) -> None:
    thing = _one(library, "i2000003")
    step = next(step for step in thing.steps if step.column == "item_policy")
    assert (step.looked_up, step.mapped, step.after) == ("9", False, None)
    assert ("code-unmapped", "9", True) in [(f.code, f.value, f.counted) for f in thing.found]


def test_a_bib_and_what_each_edit_did(library: Path) -> None:
    thing = _one(library, "b1000003")
    assert thing.fate == "Delivered as b10000033."
    made = [(change.rule, change.before, change.after) for change in thing.changes]
    assert made == [
        (
            "layout and items",
            (
                "907 __ $a.b10000033$b04-25-09$c04-19-01",
                "945 __ $y.i20000017$lmain$i3999001",
                "998 __ $e-",
            ),
            (),
        ),
        ("former-number", (), ("035 __ $a(TEST)b10000033",)),
        ("control-number", ("001 ocm1",), ("001 b10000033",)),
        ("no-local-notes", ("590 __ $aGift of nobody.",), ()),
    ]
    assert thing.changes[-1].place == "rules/site.toml:2"
    assert ("item", "i20000017") in thing.related


def test_a_suppressed_bib_is_found_among_the_suppressed(library: Path) -> None:
    thing = _one(library, "b10000045")
    assert thing.fate == "Delivered as b10000045 among the suppressed bibs."
    assert thing.went_to[0].file == "bib/bib-suppressed-0001.xml"


@pytest.mark.parametrize("typed", ["p3000001", "2999001"])
def test_a_patron_is_masked(library: Path, typed: str) -> None:
    told = json.dumps(asdict(api.explain(library, typed)))
    assert "p30000014" in told
    for value in ("Fabricated", "Mocka", "mocka", "Invented Road", "Sampleville"):
        assert value not in told
    assert "STAFF" in told, "codes are nobody's"


def test_a_patron_is_shown_to_who_asks(library: Path) -> None:
    thing = _one(library, "2999001", show_personal=True)
    assert thing.why == "id of a patron"
    assert _step(thing, "last_name").after == "Fabricated"
    assert any("mocka@example.org" in str(values) for _, _, values in thing.rows)


def test_the_words_on_screen_are_masked_too(library: Path) -> None:
    from transformer.cli.draw import Line
    from transformer.cli.explained import of_explain

    blocks = of_explain(api.explain(library, "p3000001"))
    text = "\n".join(block.text for block in blocks if isinstance(block, Line))
    assert "patron p30000014" in text
    assert "Mocka" not in text
    assert "example.org" not in text


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("i1000003", "bib b10000033: the same digits, as the number of a bib"),
        ("i2000091", "item i20000017: differs in a character or two"),
        ("b1000008", "bib b10000033: differs in a character or two"),
        ("3999007", "barcode 3999001: differs in a character or two"),
    ],
)
def test_an_unknown_number_has_neighbours(library: Path, typed: str, near: str) -> None:
    told = api.explain(library, typed)
    assert told.things == ()
    assert near in told.near


def test_nothing_like_it(library: Path) -> None:
    assert api.explain(library, "zz").near == ()


def test_everything_delivered_is_as_the_rules_give_it_again(library: Path) -> None:
    """Notes say where a replay and the delivery differ: nowhere."""
    index = api.open_run(library).table("key_index").to_pylist()
    for number in sorted({row["number"] for row in index}):
        assert api.explain(library, number).notes == (), number


def _copy(library: Path, target: Path) -> Path:
    import shutil

    shutil.copytree(library, target)
    return target


def test_a_changed_extract_is_said(library: Path, tmp_path: Path) -> None:
    other = _copy(library, tmp_path / "lib")
    path = other / "extracts" / "items.csv"
    path.write_text(ITEMS.replace("bent corner", "torn corner"), encoding="utf-8")
    told = api.explain(other, "3999001")
    assert any("items.csv has changed since the run" in note for note in told.notes)
    assert [came.changed for came in told.things[0].came_as] == [False, True]


def test_an_extract_that_is_only_newer_has_not_changed(library: Path, tmp_path: Path) -> None:
    other = _copy(library, tmp_path / "lib")
    (other / "extracts" / "items.csv").touch()
    assert api.explain(other, "3999001").notes == ()


def test_an_extract_that_is_gone_is_said(library: Path, tmp_path: Path) -> None:
    other = _copy(library, tmp_path / "lib")
    (other / "extracts" / "bib.mrc").unlink()
    told: Explanation = api.explain(other, "b1000003")
    assert any("cannot be read any more" in note for note in told.notes)
    assert told.things[0].number == "b10000033"


def test_the_rules_of_the_run_are_asked_not_those_of_today(library: Path, tmp_path: Path) -> None:
    other = _copy(library, tmp_path / "lib")
    (other / "rules" / "site.toml").write_text('[item.barcode]\nvalue = "NEW"\n', encoding="utf-8")
    assert _step(api.explain(other, "3999001").things[0], "barcode").after == "3999001"


def test_a_barcode_that_the_rules_changed_is_found_by_what_it_was_and_by_what_it_is(
    library: Path, tmp_path: Path
) -> None:
    other = _copy(library, tmp_path / "lib")
    rules = other / "rules" / "site.toml"
    rules.write_text(
        '[item.barcode]\nfrom = "barcode"\nclean = ["remove_blanks"]\nunique = "suffix"\n', "utf-8"
    )
    (other / "extracts" / "items.csv").write_text(ITEMS.replace('"3999003"', '"3999 001"'), encoding="utf-8")
    api.run(other)
    old, new = api.explain(other, "3999 001"), api.explain(other, "3999001-2")
    assert old.notes == new.notes == ()
    assert [(thing.number, thing.why) for thing in old.things] == [
        ("i20000017", "barcode of an item"),
        ("i20000030", "barcode of an item before the rules changed it"),
    ]
    (thing,) = new.things
    assert thing == dataclasses.replace(old.things[1], why="barcode of an item")
    assert [(s.inputs, s.after) for s in thing.steps if s.column == "barcode"] == [
        ((("barcode", "3999 001"),), "3999001"),
        ((("barcode", "3999001"),), "3999001-2"),
    ]
    assert dict(thing.went_to[0].values)["barcode"] == "3999001-2"
    assert "duplicate-changed" in {found.code for found in thing.found}
    from transformer.cli.explained import of_explain

    shown = "\n".join(str(block) for block in of_explain(new))
    assert 'barcode = "3999001-2"' in shown and '"3999001" -> "3999001-2"' in shown


def test_no_run_is_a_matter_of_words(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no finished run"):
        api.explain(tmp_path, "1")
