"""A self-load by import profile: bibs that carry their items, read back by pymarc, and the profile's page."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import pytest

from tests.streaming.sites import Delivery, make_site
from transformer import api


@pytest.fixture(scope="module")
def delivery(tmp_path_factory: pytest.TempPathFactory) -> Delivery:
    site = make_site(tmp_path_factory.mktemp("site") / "lib", bibs=300, seed=5, dirt=0.05)
    project = site.folder / "transformer.toml"
    text = project.read_text("utf-8") + '\n[delivery]\nshape = "import-profile"\n'
    project.write_text(text, "utf-8")
    return site.run()


def _items(delivery: Delivery) -> list[dict[str, str]]:
    found = []
    for path in sorted((delivery.folder / "out" / "item").glob("item-*.csv")):
        with path.open(newline="", encoding="utf-8") as file:
            found += list(csv.DictReader(file))
    return found


def test_each_item_stands_in_its_bib_once(delivery: Delivery) -> None:
    found = Counter(
        (bib["001"].data, field.get("y"), field.get("a"), field.get("b"), field.get("c"), field.get("n"))
        for suppressed in (False, True)
        for bib in delivery.bibs(suppressed)
        for field in bib.get_fields("977")
    )
    names = ("bib_number", "item_number", "barcode", "library", "location", "internal_note_1")
    wanted = Counter(tuple(item[name] or None for name in names) for item in _items(delivery))
    assert len(wanted) > 300
    assert found == wanted


def test_the_page_and_the_json_say_the_same(delivery: Delivery) -> None:
    folder = delivery.folder / "out" / "profile"
    told = json.loads((folder / "import-profile.json").read_text("utf-8"))
    page = (folder / "import-profile.md").read_text("utf-8")
    assert told["item_count"] == len(_items(delivery))
    assert told["item"]["tag"] == "977"
    parts = {part["field"]: part["from"] for part in told["item"]["parts"]}
    assert (parts["Barcode"], parts["Library"], parts["Call number type"]) == ("$a", "$b", "first indicator")
    for setting in told["settings"]:
        assert f"| {setting['name']}{'' if setting['verified'] else ' (?)'} | {setting['value']} |" in page
    assert "{" not in page
    assert "| Barcode | 977 $a |" in page


def test_worklists_search_by_the_note_alone(delivery: Delivery, tmp_path: Path) -> None:
    api.worklists(delivery.folder, output=tmp_path / "lists")
    texts = [path.read_text("utf-8") for path in (tmp_path / "lists").glob("*/*/search.txt")]
    assert len(texts) > 5
    assert all("Process Type" not in text and "Internal Note 1" in text for text in texts)


def test_a_migration_has_no_such_shape(tmp_path: Path) -> None:
    from transformer.ruleset.check.project import project_mistakes
    from transformer.ruleset.files.project import DeliveryChoice, Project
    from transformer.ruleset.load import load_rules, rule_folders

    project = Project("sierra", target="migration", delivery=DeliveryChoice("import-profile"))
    told = project_mistakes(load_rules(rule_folders("sierra"), "sierra"), project)
    assert [mistake.key for mistake in told] == ["delivery.shape"]
