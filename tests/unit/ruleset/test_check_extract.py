"""Each mistake that rules may make about extracts has its own message; all are told in one go."""

from __future__ import annotations

from pathlib import Path

import pytest

from transformer.errors import Mistake
from transformer.ruleset.load import rules_home
from transformer.ruleset.trial import check

GOOD = """
[number_shape.key]
pattern = "[A-Z0-9]+"
[number.bib]
shape = "key"
[number.item]
shape = "key"
[number.patron]
shape = "key"
[dates.record]
patterns = ["YYYYMMDD"]
[dates.expiry]
patterns = ["YYYYMMDD"]
[dates.birth]
patterns = ["YYYYMMDD"]
[map.location]
keys = ["code"]
columns = ["library", "location", "call_number_type"]
[map.item_type]
keys = ["code"]
columns = ["item_policy", "physical_material_type"]
[map.patron_type]
keys = ["code"]
columns = ["user_group"]
[extract.bib]
container = "marc"
number = "001"
"""

MISTAKES = {
    "[extract.x]\ncontainer = 'table'": ("extract.x.container", "'table'"),
    "[extract.x]\ncontainer = 'dump'\nmakes = 'book'\ntable = 't'\nheaders = { a = 'a' }": (
        "extract.x.makes", "kind 'book'",
    ),
    "[extract.holdings]\ncontainer = 'marc'\nnumber = '001'": (
        "extract.holdings.makes", "numbers of 'holdings'",
    ),
    "[extract.item]\ncontainer = 'dump'\ntable = 't'\nheaders = { a = 'barcode' }": (
        "extract.item", "no number",
    ),
    "[extract.item]\ncontainer = 'dump'\nnumber = 'a'\nheaders = { a = 'a' }": ("extract.item", "no table"),
    "[extract.item]\ncontainer = 'flat'\nnumber = 'a'\nheaders = { a = 'a' }": ("extract.item", "no flat"),
    "[extract.item]\ncontainer = 'fixed'\nnumber = 'a'": ("extract.item", "no columns"),
    "[extract.item]\ncontainer = 'fixed'\nnumber = 'a'\npositions = { a = '9-1' }": (
        "extract.item.positions", "positions '9-1'",
    ),
    "[extract.item]\ncontainer = 'fixed'\nnumber = 'b'\npositions = { a = '1-9' }": (
        "extract.item", "column 'b' that nothing in the extract gives",
    ),
    "[extract.item]\ncontainer = 'delimited'\nnumber = 'a'\nheaders = { a = 'a' }\ntable = 't'": (
        "extract.item.table", "'table' in an extract of container delimited",
    ),
    "[extract.item]\ncontainer = 'delimited'\nnumber = '{a}-{z}'\nheaders = { a = 'a' }": (
        "extract.item", "column 'z'",
    ),
    "[extract.item]\ncontainer = 'delimited'\nnumber = 'a'\nheaders = { a = 'a' }\nonly_if = \"z = '1'\"": (
        "extract.item", "column 'z'",
    ),
    "[extract.item]\ncontainer = 'delimited'\nnumber = 'a'\nheaders = { a = 'a' }\nmarks = { m = 'z' }": (
        "extract.item", "column 'z'",
    ),
    "[extract.item]\ncontainer = 'delimited'\nnumber = 'a'\nheaders = { a = 'a' }\n"
    "texts = { t = 'No. {z}' }": ("extract.item", "column 'z'"),
    "[item.pages]\nfrom = '{barcod|barcode}'": ("item.pages", "column 'barcod'"),
    "[item.pages]\nfrom = '{barcode'": ("item.pages", "template '{barcode'"),
    "[extract.patron]\ncontainer = 'delimited'\nnumber = 'a'\nheaders = { a = 'a', b = 'street' }\n"
    "[[patron_address.row]]\nid = 'x'\neach = 'street'\ncolumns = { city = 'town' }": (
        "patron_address x", "column 'town'",
    ),
    "[extract.patron]\ncontainer = 'delimited'\nnumber = 'a'\nheaders = { a = 'a', b = 'street' }\n"
    "[[patron_address.row]]\nid = 'x'\neach = 'street'\ncolumns = { town = 'street' }": (
        "patron_address x", "column 'town'",
    ),
    "[extract.patron]\ncontainer = 'delimited'\nnumber = 'a'\nheaders = { a = 'a', b = 'street' }\n"
    "[[patron_address.row]]\nid = 'x'\neach = 'street'\nsplit = ';'\ncolumns = { line1 = 'street' }": (
        "patron_address x", "both columns and split",
    ),
    "[extract.item]\ncontainer = 'embedded'\ninside = 'bibs'\nfield = '999'\nnumber = 'i'": (
        "extract.item.inside", "extract 'bibs'",
    ),
    "[extract.item]\ncontainer = 'embedded'\ninside = 'bib'\nfield = '99'\nnumber = 'i'": (
        "extract.item.field", "tag '99'",
    ),
    "[extract.item]\ncontainer = 'embedded'\ninside = 'bib'\nfield = '999'\nnumber = 'i'\n"
    "columns = { shelf = 'c', home = 'C' }": ("extract.item.columns", "both 'c' and 'C'"),
    "[extract.loan]\ncontainer = 'dump'\ntable = 't'\nheaders = { a = 'a' }": (
        "extract.loan", "no links to items",
    ),
    "[extract.loan]\ncontainer = 'dump'\ntable = 't'\nheaders = { a = 'a' }\n"
    "links = { 'item.number' = 'z' }": (
        "extract.loan", "column 'z' that nothing in the extract gives",
    ),
    "[extract.loan]\ncontainer = 'dump'\ntable = 't'\nheaders = { a = 'a' }\n"
    "links = { 'item.number' = 'a', 'vendor.number' = 'a' }": (
        "extract.loan.links.vendor.number", "link 'vendor.number'",
    ),
    "[extract.n]\ncontainer = 'dump'\ntable = 't'\nadds_to = 'item'\nheaders = { a = 'a' }": (
        "extract.n", "adds_to, but no links to its things",
    ),
    "[extract.n]\ncontainer = 'dump'\ntable = 't'\nadds_to = 'bib'\nheaders = { a = 'a' }\n"
    "links = { 'bib.number' = 'a' }": ("extract.n.adds_to", "kind 'bib'"),
    "[extract.n]\ncontainer = 'dump'\ntable = 't'\nadds_to = 'item'\nmakes = 'item'\nheaders = { a = 'a' }\n"
    "links = { 'item.number' = 'a' }": ("extract.n", "both makes and adds_to"),
    "[extract.code_list]\ncontainer = 'dump'\ntable = 't'\nheaders = { a = 'code' }": (
        "extract.code_list", "no column 'label'",
    ),
    "[[extract.bib.profile]]\nname = 'p'\nholdings = 'interleaved'": (
        "extract.bib.profile.0", "holdings, but no extract of holdings here",
    ),
    "[[extract.bib.profile]]\nname = 'p'\nmerge = 'always'": ("extract.bib.profile p.merge", "'always'"),
    "[extract.h]\ncontainer = 'marc'\nmakes = 'item'\ninside = 'bib'\nnumber = '001'": (
        "extract.h.inside", "item inside bib",
    ),
    "[dates.x]\npatterns = ['MM/YYYY']": ("dates.x.patterns", "date pattern 'MM/YYYY'"),
    "[number_shape.y]\npatern = 'x'": ("number_shape.y.patern", "no such key"),
}  # fmt: skip


def mistakes(folder: Path, *texts: str) -> list[Mistake]:
    rules = folder / "system"
    rules.mkdir(exist_ok=True)
    (rules / "a.toml").write_text(GOOD, encoding="utf-8")
    for number, text in enumerate(texts):
        (rules / f"b{number}.toml").write_text(text + "\n", encoding="utf-8")
    return check([rules_home() / "base", rules])


@pytest.mark.parametrize("text", MISTAKES, ids=[f"{key} {found}" for key, found in MISTAKES.values()])
def test_each_mistake_is_named(tmp_path: Path, text: str) -> None:
    key, found = MISTAKES[text]
    told = mistakes(tmp_path, text)
    assert (key, found) in [(one.key, one.found) for one in told], told
    assert all(one.file == "system/b0.toml" for one in told if one.key == key)


def test_mistakes_of_several_extracts_are_told_at_once(tmp_path: Path) -> None:
    texts = [text for text in MISTAKES if text.startswith(("[extract.loan]", "[extract.n]", "[dates.x]"))]
    texts = list({text.split("]")[0]: text for text in texts}.values())
    told = {(one.key, one.found) for one in mistakes(tmp_path, *texts)}
    assert {MISTAKES[text] for text in texts} <= told


def test_good_rules_are_good(tmp_path: Path) -> None:
    assert mistakes(tmp_path) == []
