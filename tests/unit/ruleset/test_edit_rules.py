"""Edits: what is said wrongly in them, each with a message of its own, and who does which."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.staged import rules_of
from transformer.ruleset.compile.edit_plan import EditPlan, plan_edits
from transformer.ruleset.compile.edit_steps import sieve
from transformer.ruleset.load import load_rules, rules_home
from transformer.ruleset.trial import check
from transformer.schema.tag_edits import Fate, TagEdit, TagTable

WRONG = {
    "": "no verb",
    'add = "590 $a x"\ndrop = ["590"]': "add and drop",
    'add = "59 $a {number}"': "59 $a",
    'drop = ["59"]': "'59'",
    'drop = ["LDR"]': "leader",
    'drop = ["008/35"]': "positions in '008/35'",
    'keep = ["590"]': "keep without of",
    'drop = ["590"]\nof = ["59X"]': "of with drop",
    'keep = ["5900"]\nof = ["59X"]': "'5900'",
    'keep = ["590"]\nof = ["59Xa"]': "subfields in '59Xa'",
    'set = "590 $a x"\nunless_there = true': "unless_there with set",
    'add = "009 x"\nunless_there = true': "unless_there",
    'copy = { from = "500", to = "59X" }': "to '59X'",
    'copy = { from = "500", to = "590ab" }': "to '590ab'",
    'copy = { from = "500", to = "590|1*|" }': "to '590|1*|'",
    'move = { from = "009", to = "590" }': "009 as 590",
    'move = { from = "500", to = "009a" }': "to '009a'",
    'retag = { "500" = "5XX" }': "tag '5XX'",
    'retag = { "500" = "009" }': "500 as 009",
    'retag = { "500" = "501", "501" = "502" }': "'501' as old and as new tag",
    'indicator = { field = "245" }': "no indicator",
    'indicator = { field = "245", ind1 = "10" }': "indicator '10'",
    'indicator = { field = "008", ind1 = "1" }': "indicators of '008'",
    'indicator = { field = "245a", ind1 = "1" }': "subfields in '245a'",
    'replace = { field = "856", pattern = "x", with = "" }': "replace in '856'",
    'replace = { field = "856u", pattern = "(x", with = "" }': "pattern '(x'",
    'map = { field = "852", map = "location", into = { b = "library" } }': "map of '852'",
    'map = { field = "852c", map = "location", into = {} }': "map without into",
    'map = { field = "852c", map = "location", into = { bb = "library" } }': "into 'bb'",
    'prefix = { field = "035", with = "(X)" }': "prefix of '035'",
    'prefix = { field = "035a", with = "{numbers.prefix" }': "template",
    'sort = ["650//"]': "field spec '650//'",
    'drop = ["590"]\nwhen = "field.xyz = \'1\'"': "field.xyz",
    'add = "590 $a x"\nwhen = "field.a"': "field.a' with add",
    'drop = ["590"]\nwhen = "field.a = 245a"': "'field.a' with '245a'",
    'drop = ["590"]\nwhen = "245a ~ /(/"': "pattern '('",
    'drop = ["590"]\nwhen = "245a is x"': "condition '245a is x'",
}  # fmt: skip
UNKNOWN = {
    'map = { field = "852c", map = "locaton", into = { b = "library" } }': ("locaton", "'location'"),
    'map = { field = "852c", map = "location", into = { b = "libary" } }': ("libary", "'library'"),
    'add = "590 $a {numbr}"': ("numbr", "'number'"),
    'drop = ["590"]\nwhen = "item_cout"': ("item_cout", "'item_count'"),
    'drop = ["590"]\nwhen = "item.locaton = \'x\'"': ("item.locaton", "'item.location'"),
    'drop = ["590"]\nwhen = "245a ~ datee"': ("datee", "'date'"),
    'prefix = { field = "035a", with = "{numbers.prefx}" }': ("numbers.prefx", "'numbers.prefix'"),
}


def _site(folder: Path, bodies: list[str]) -> list[Path]:
    site = folder / "site"
    site.mkdir()
    text = "".join(f'[[bib.edit]]\nid = "e{at}"\n{body}\n' for at, body in enumerate(bodies))
    (site / "site.toml").write_text(text, "utf-8")
    return [rules_home() / "base", rules_home() / "sierra", site]


def test_every_wrong_edit_is_told_in_one_go(tmp_path: Path) -> None:
    told = check(_site(tmp_path, list(WRONG)))
    by_key = {mistake.key: mistake for mistake in told}
    assert len(told) == len(WRONG)
    for at, (body, found) in enumerate(WRONG.items()):
        mistake = by_key[f"bib.edit e{at}"]
        assert found in mistake.found, body
        assert mistake.expected
        assert mistake.file.endswith("site.toml")


def test_every_unknown_name_is_told_with_the_nearest(tmp_path: Path) -> None:
    told = {mistake.key: mistake for mistake in check(_site(tmp_path, list(UNKNOWN)))}
    for at, (found, remedy) in enumerate(UNKNOWN.values()):
        mistake = told[f"bib.edit e{at}"]
        assert found in mistake.found
        assert remedy in mistake.remedy


def _plan(folder: Path, bodies: list[str]) -> EditPlan:
    return plan_edits(load_rules(_site(folder, bodies)).rules.bib.edit)


def test_edits_by_tag_need_no_field_staged(tmp_path: Path) -> None:
    plan = _plan(
        tmp_path,
        ['drop = ["9XX"]', 'keep = ["590"]\nof = ["59X"]', 'retag = { "440" = "490" }',
         'indicator = { field = "490", ind1 = "0" }'],
    )  # fmt: skip
    assert (plan.staged, plan.groups) == ((), ())
    assert plan.table.fate("905") == plan.table.fate("591") == Fate("")
    assert plan.table.fate("590") == Fate("590")
    assert plan.table.fate("440") == Fate("490", "0")
    assert plan.table.fate("003") == Fate("")


def test_what_the_rules_of_a_system_do_needs_none_either() -> None:
    assert plan_edits(rules_of().rules.bib.edit).staged == ()


def test_simple_edits_of_a_staged_tag_are_done_there(tmp_path: Path) -> None:
    plan = _plan(tmp_path, ['retag = { "930" = "590" }', 'sort = ["590"]', 'drop = ["930", "931"]'])
    assert plan.staged == ("590", "930")
    assert plan.table.fate("931") == Fate("")
    assert plan.table.fate("930") == Fate("930")
    assert [len(group.edits) for group in plan.groups] == [3]


def test_edits_of_other_tags_are_groups_of_their_own(tmp_path: Path) -> None:
    plan = _plan(
        tmp_path, ['sort = ["650"]', 'deduplicate = ["700"]', 'deduplicate = ["6XX"]', 'sort = ["856"]']
    )
    assert [group.tags for group in plan.groups] == [("650", "6XX"), ("700",), ("856",)]


def test_fates_follow_one_another() -> None:
    edits = (TagEdit("drop", ("590",)), TagEdit("retag", ("930",), to="590"), TagEdit("drop", ("9XX",)))
    table = TagTable(edits, ("900",))
    assert [table.fate(tag).tag for tag in ("590", "930", "931", "900", "SFX")] == [
        "",
        "590",
        "",
        "900",
        "SFX",
    ]


@pytest.mark.parametrize(
    ("pattern", "wanted"),
    [
        ("^http://a", "\x1f[uz](?:http://a)"),
        ("abc", "abc"),
        ("a$", "(?:a)(?:\x1f|$)"),
        ("^a$", "\x1f[uz](?:a)(?:\x1f|$)"),
        (r"a\$", ""),
        ("a|b", ""),
        (r"\bword", ""),
        ("(?i)a", ""),
    ],
)
def test_sieves_only_where_there_is_telling(pattern: str, wanted: str) -> None:
    assert sieve(pattern, "uz") == wanted
