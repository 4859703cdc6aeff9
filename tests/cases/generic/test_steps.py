"""The steps of rules/generic/README.md, followed as they stand there.

A block ```lang path holds a file: `text` is written, `toml` added to what is there, `csv` must be found, its
columns among those of the file that the run wrote. Blocks `console` are commands; `# ends with N` says how.
"""

from __future__ import annotations

import csv
import io
import re
import shlex
from pathlib import Path

import pytest

from transformer.cli.main import main
from transformer.ruleset.files.project import Project
from transformer.ruleset.load import rules_home
from transformer.ruleset.trial import check

README = Path(__file__).resolve().parents[3] / "rules" / "generic" / "README.md"
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.M | re.S)


def test_the_steps_lead_where_they_say(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = README.read_text(encoding="utf-8").partition("## What else")[0]
    done = {"console": 0, "text": 0, "toml": 0, "csv": 0}
    for kind, name, body in BLOCK.findall(text):
        done[kind] += 1
        if kind == "console":
            follow(body)
        elif kind == "csv":
            look(tmp_path, name, body)
        else:
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            before = path.read_text(encoding="utf-8") if kind == "toml" and path.exists() else ""
            path.write_text(before + body, encoding="utf-8")
    assert done == {"console": 3, "text": 7, "toml": 2, "csv": 2}


def follow(commands: str) -> None:
    for line in commands.splitlines():
        command, _, said = line.removeprefix("$ transformer ").partition("#")
        assert main(shlex.split(command)) == int(said.removeprefix(" ends with ") or 0), line


def look(folder: Path, name: str, body: str) -> None:
    (path,) = folder.glob(name)
    wanted = list(csv.DictReader(io.StringIO(body)))
    with path.open(newline="", encoding="utf-8") as lines:
        found = [{column: row[column] for column in wanted[0]} for row in csv.DictReader(lines)]
    assert found == wanted


def test_what_else_may_be_told_is_no_mistake(tmp_path: Path) -> None:
    text = README.read_text(encoding="utf-8").partition("## What else")[2]
    blocks = [body for kind, _, body in BLOCK.findall(text) if kind == "toml"]
    assert len(blocks) == 3
    for number, body in enumerate(blocks):
        site = tmp_path / str(number)
        site.mkdir()
        (site / "ours.toml").write_text(body, encoding="utf-8")
        folders = [rules_home() / "base", rules_home() / "generic", site]
        assert check(folders, Project("generic")) == [], body
