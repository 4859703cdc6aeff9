"""The folder that a new system begins with: its rules have no mistake, its cases hold, its project file names
every choice that there is."""

from __future__ import annotations

import re
import shutil
from dataclasses import fields
from pathlib import Path

import pytest

from tests.cases import test_cases
from transformer.ruleset.files.project import (
    Bib,
    DeliveryChoice,
    ExtractChoice,
    Item,
    Limits,
    Numbers,
    Output,
    Project,
    load_project,
)
from transformer.ruleset.load import rules_home
from transformer.ruleset.trial import check

TEMPLATE = rules_home() / "_template"
SHAPES = (Project, Numbers, Bib, Item, ExtractChoice, Limits, Output, DeliveryChoice)
CASES = sorted((TEMPLATE / "cases").glob("*.toml"))


def test_the_rules_have_no_mistake() -> None:
    assert check([rules_home() / "base", TEMPLATE], Project("_template")) == []


@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
def test_its_cases_hold(path: Path, tmp_path: Path) -> None:
    case = tmp_path / "_template" / path.name
    case.parent.mkdir()
    shutil.copyfile(path, case)
    (tmp_path / "run").mkdir()
    test_cases.test_case(case, tmp_path / "run")


def test_the_project_file_names_every_choice(tmp_path: Path) -> None:
    text = (TEMPLATE / "transformer.toml").read_text(encoding="utf-8")
    known = {one.name for shape in SHAPES for one in fields(shape)} - {"date_order"}
    named = set(re.findall(r"^(?:# )?\[?(\w+)", text, re.M)) | set(re.findall(r"\b(\w+) *= ", text))
    assert known <= named
    # With the # of every choice taken away it is still a project file without mistakes.
    chosen = re.sub(r'^# (?=\[|\w+ += |"OUR)', "", text, flags=re.M)
    (tmp_path / "transformer.toml").write_text(chosen.replace("{system}", "generic"), encoding="utf-8")
    project = load_project(tmp_path)
    assert project.bib.suppress == ()
    assert project.extract["item"].headers == {"OUR HEADER": "barcode"}
    assert project.extract["bib"].profile == "A"
    assert project.headers == {"item": {"barcode": "Item barcode"}}
