"""Folders over one another, and mistakes told all at once with file, key and the nearest known name."""

from __future__ import annotations

from pathlib import Path

import pytest

from transformer.errors import RulesError, UsageError
from transformer.ruleset.files.project import load_project
from transformer.ruleset.load import load_rules, rule_folders, rules_home, try_load
from transformer.ruleset.trial import check

BASE = [rules_home() / "base", rules_home() / "sierra"]


def _site(tmp_path: Path, text: str = "", **maps: str) -> list[Path]:
    (tmp_path / "maps").mkdir(exist_ok=True)
    (tmp_path / "site.toml").write_text(text, encoding="utf-8")
    for name, rows in maps.items():
        (tmp_path / "maps" / f"{name}.csv").write_text(rows, encoding="utf-8")
    return [*BASE, tmp_path]


def test_our_own_rules_have_no_mistakes() -> None:
    assert check(BASE) == []


def test_a_table_merges_by_key(tmp_path: Path) -> None:
    rules = load_rules(_site(tmp_path, '[item.barcode]\nclean = ["trim"]\n')).rules
    assert rules.item["barcode"][0].clean == ("trim",)
    assert rules.item["barcode"][0].source == ("barcode",)


def test_a_column_made_anew_replaces_the_one_below(tmp_path: Path) -> None:
    rules = load_rules(_site(tmp_path, '[item.item_policy]\nvalue = "LOAN"\n')).rules
    assert rules.item["item_policy"][0].map == ""


def test_edits_merge_by_id_and_new_ones_go_last(tmp_path: Path) -> None:
    text = '[[bib.edit]]\nid = "former-number"\nadd = "035 $a {number}"\n'
    text += '[[bib.edit]]\nid = "z"\ndrop = ["029"]\n'
    edits = load_rules(_site(tmp_path, text)).rules.bib.edit
    assert [e.id for e in edits][-1] == "z"
    assert next(e for e in edits if e.id == "former-number").add == "035 $a {number}"
    assert [e.id for e in edits].count("former-number") == 1


def test_maps_merge_row_by_row(tmp_path: Path) -> None:
    folders = _site(tmp_path, item_status="code,label,base_status\nm,Missing,1\nq,Quarantine,0\n")
    rows = {(r.values["code"], r.values["label"]): r for r in load_rules(folders).maps["item_status"]}
    assert rows["m", "Missing"].values["base_status"] == "1"
    assert rows["m", "Missing"].rank == 2
    assert rows["-", "Available"].rank == 1
    assert ("q", "Quarantine") in rows


def test_a_map_may_be_replaced_as_a_whole(tmp_path: Path) -> None:
    folders = _site(
        tmp_path, "[map.item_status]\nreplace = true\n", item_status="code,label,base_status\nm,Missing,1\n"
    )
    assert len(load_rules(folders).maps["item_status"]) == 1


def test_every_value_of_a_map_is_text(tmp_path: Path) -> None:
    folders = _site(tmp_path, location="code,library,location\n0123,on,-\n")
    assert load_rules(folders).maps["location"][0].values == {
        "code": "0123",
        "library": "on",
        "location": "-",
    }


def test_origins_name_the_file_that_says_it(tmp_path: Path) -> None:
    ruleset = load_rules(_site(tmp_path, '[item.barcode]\nclean = ["trim"]\n'))
    assert ruleset.origin("item", "barcode", "clean").endswith("site.toml")
    assert ruleset.origin("item", "library") == "base/rules.toml"


MISTAKES = [
    ('[itm.barcode]\nfrom = "barcode"\n', "itm", "no such key", "'item'"),
    ('[item.description]\nform = "volume"\n', "item.description.form", "no such key", "'from'"),
    ('[item.description]\nfrom = 5\n', "item.description.from", "5", ""),
    ('[item.library]\non_unmapped = "isue"\n', "item.library.on_unmapped", "isue", ""),
    ('[map.location]\nkey = ["code"]\n', "map.location.key", "no such key", "'keys'"),
    ('[item.barcode]\nfrom = "barcod"\n', "item.barcode", "barcod", "'barcode'"),
    ('[item.barcode]\nclean = ["trimm"]\n', "item.barcode", "trimm", "'trim'"),
    ('[item.x]\nfrom = "public_note"\nmap = "locatoin"\n', "item.x", "locatoin", "'location'"),
    ('[item.library]\ntake = "librry"\n', "item.library", "librry", "'library'"),
    ('[item.arrival_date]\ndate = "recrd"\n', "item.arrival_date", "recrd", "'record'"),
    ('[item.copy_id]\nwhen = "copy ~ datee"\n', "item.copy_id", "datee", "'date'"),
    ('[item.x]\nfrom = "item.barcod"\n', "item.x", "item.barcod", "'barcode'"),
    ('[item.x]\nwhy = "nothing"\n', "item.x", "no from", ""),
    ('[item.a]\nfrom = "item.b"\n[item.b]\nfrom = "item.a"\n', "item", "need one another", ""),
    ('[dates.record]\npatterns = ["MM-DD"]\n', "dates.record.patterns", "MM-DD", ""),
    ('[number.item]\nshape = "recrd"\n', "number.item.shape", "recrd", "'record'"),
    ('[extract.bib]\nsuppress = "bcode4"\n', "extract.bib.suppress", "bcode4", "'bcode3'"),
    ('[[bib.edit]]\nid = "x"\nadd = "59 $a {number}"\n', "bib.edit x", "59 $a", ""),
    ('[[bib.edit]]\nid = "x"\nadd = "590 $a {numbr}"\n', "bib.edit x", "numbr", "'number'"),
    ('[[bib.edit]]\nid = "x"\n', "bib.edit x", "no verb", ""),
    ('[[bib.edit]]\nid = "x"\ndrop = ["59"]\n', "bib.edit x", "'59'", ""),
    ('[[patron_note.row]]\nid = "note"\neach = "notes"\n', "patron_note note", "notes", "'note'"),
    ('[[patron_note.row]]\nid = "note"\ninto = "note_txt"\n', "patron_note note", "note_txt", "'note_text'"),
    ('[item.copy_id]\nsql = "getenv({copy})"\n', "item.copy_id", "getenv", ""),
    ('[item.copy_id]\nsql = "random()"\n', "item.copy_id", "random", ""),
    ('[item.copy_id]\nsql = "(select 1)"\n', "item.copy_id", "subquery", ""),
    ('[item.copy_id]\nsql = "copy"\n', "item.copy_id", "braces", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "key", "found", "remedy"), MISTAKES)
def test_a_mistake_has_file_key_and_nearest_name(
    tmp_path: Path, text: str, key: str, found: str, remedy: str
) -> None:
    mistakes = check(_site(tmp_path, text))
    assert [m.key for m in mistakes] == [key]
    assert mistakes[0].file.endswith("site.toml")
    assert found in mistakes[0].found
    assert remedy in mistakes[0].remedy


def test_all_mistakes_of_meaning_at_once(tmp_path: Path) -> None:
    text = "".join(m[0] for m in MISTAKES[5:8] if "[item.barcode]" not in m[0])
    text += '[item.barcode]\nfrom = "barcod"\n[[bib.edit]]\nid = "x"\nadd = "590 $a {numbr}"\n'
    assert len(check(_site(tmp_path, text))) == 3


MAP_MISTAKES = [
    ("loc", "code\n", "", "no rule uses this map"),
    ("location", "code,librry,location\n", "librry", "no such column"),
    ("location", "code,location\n", "library", "the map has no such column"),
    ("location", "code,library,location\na,b\n", "line 2", "2 values"),
    ("location", "code,library,location\na,b,c\na,c,d\n", "line 3", "the same code as line 2"),
    ("location", "", "", "empty"),
]


@pytest.mark.parametrize(("name", "text", "key", "found"), MAP_MISTAKES)
def test_mistakes_in_maps(tmp_path: Path, name: str, text: str, key: str, found: str) -> None:
    mistakes = check(_site(tmp_path, **{name: text}))
    assert any(m.key == key and found in m.found and m.file.endswith(f"{name}.csv") for m in mistakes), (
        mistakes
    )


def test_mistakes_in_maps_are_told_beside_those_of_shape(tmp_path: Path) -> None:
    mistakes = check(_site(tmp_path, "[itm.x]\n", location="code,librry,location\n"))
    assert {m.key for m in mistakes} >= {"itm", "librry"}


def test_broken_toml_is_told_with_its_line(tmp_path: Path) -> None:
    _, mistakes = try_load(_site(tmp_path, "a = \n"))
    assert "line 1" in mistakes[0].found


def test_an_expression_that_does_not_bind_stands_beside_its_key(tmp_path: Path) -> None:
    mistakes = check(_site(tmp_path, '[item.copy_id]\nsql = "left({copy}, {volume})"\n'))
    assert [m.key for m in mistakes] == ["item.copy_id.sql"]
    assert "left(VARCHAR, VARCHAR)" in mistakes[0].found


def test_unknown_system() -> None:
    with pytest.raises(RulesError, match="sierra"):
        rule_folders("siera")


def test_project_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        load_project(tmp_path)
    (tmp_path / "transformer.toml").write_text(
        'system = "sierra"\n[bib]\nsuppres = ["n"]\n[numbers]\nprefix = 5\n'
    )
    with pytest.raises(RulesError) as error:
        load_project(tmp_path)
    assert {m.key for m in error.value.mistakes} == {"bib.suppres", "numbers.prefix"}
    (tmp_path / "transformer.toml").write_text(
        'system = "sierra"\nas_of = 2026-01-31\n[bib]\nsuppress = []\n'
    )
    project = load_project(tmp_path)
    assert project.bib.suppress == ()
    assert project.as_of is not None and project.as_of.day == 31


def test_what_the_project_names_must_be_known(tmp_path: Path) -> None:
    from transformer.ruleset.files.project import ExtractChoice, Item, Project
    from transformer.ruleset.plan import stage_plan

    project = Project(
        "sierra",
        item=Item(call_number=("051",)),
        extract={"items": ExtractChoice(), "bib": ExtractChoice(profile="Z")},
        headers={"itm": {}},
    )
    with pytest.raises(RulesError) as error:
        stage_plan(load_rules(BASE), project)
    keys = {m.key for m in error.value.mistakes}
    assert keys == {"item.call_number", "extract.items", "extract.bib.profile", "headers.itm"}
