"""The examples in docstrings and in the README do what they say."""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path

import pytest

from tests.house.sources import ROOT, name_of, python_files
from tests.makers import LEADER, record

HERE = Path(__file__).parent
WITH_EXAMPLES = [
    path
    for path in python_files("transformer", "tests")
    if ">>> " in path.read_text("utf-8") and path.parent != HERE
]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder of its own, with two records in records.mrc."""
    monkeypatch.chdir(tmp_path)
    titles = ["Der Zauberberg", "Преступление и наказание"]
    (tmp_path / "records.mrc").write_bytes(
        b"".join(
            record(LEADER, [("001", f"b{number}"), ("245", "1", "0", [("a", title)])])
            for number, title in enumerate(titles, 1)
        )
    )
    return tmp_path


@pytest.mark.parametrize("path", WITH_EXAMPLES, ids=name_of)
def test_docstrings(path: Path) -> None:
    name = name_of(path).removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    failed, tried = doctest.testmod(importlib.import_module(name))
    assert tried > 0
    assert failed == 0


def test_readme() -> None:
    failed, tried = doctest.testfile(str(ROOT / "README.md"), module_relative=False)
    assert tried > 0
    assert failed == 0
