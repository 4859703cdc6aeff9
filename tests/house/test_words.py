"""The words of the house: no system's name in the code, no machine's path, every code and command known."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.house.sources import PACKAGE, ROOT, name_of, python_files, strings, tracked_files
from transformer.cli.commands import group
from transformer.cli.early import systems
from transformer.schema.books import ISSUE_CODES

# Systems that rules are planned for count as names before their folder exists.
PLANNED = {"sierra", "millennium", "koha", "symphony", "voyager", "aleph"}
KEBAB = re.compile(r"[a-z]+(-[a-z0-9]+)+")
# Words with a dash that are no issue codes: encodings, folders, targets, streams.
NO_CODES = {
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "set-aside",
    "self-load",
    "bib-suppressed",
    "holdings-record",
    "transformer-query",
    "surrogate-escape",
    "latin-1",
    "transformer-disk",
}
# Put together from halves, so that this file does not hold them.
FOREIGN = [
    re.compile(r"(?<![\w.\-])/" + name + r"/")
    for name in ("tmp", "work", "home/" + r"\w+", "Users/" + r"\w+")
] + [
    re.compile(re.escape(name), re.IGNORECASE)
    for name in ("py" + "pi", "python" + "hosted", "conda" + ".org")
]


def test_no_system_is_named_in_the_code() -> None:
    names = PLANNED | set(systems())
    word = re.compile(rf"(?<![a-z])({'|'.join(sorted(names))})(?![a-z])", re.IGNORECASE)
    found = []
    for path in sorted(PACKAGE.rglob("*")):
        if path.suffix in {".py", ".sql", ".toml", ".csv", ".md"} and "_rules" not in path.parts:
            for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
                if word.search(line.replace("aleph_sequential", "")):
                    found.append(f"{name_of(path)}:{number}: {line.strip()}")
    assert found == []


def test_rules_hold_data_only() -> None:
    allowed = {".toml", ".csv", ".md", ".json", ".gz", ""}
    assert [p for p in (ROOT / "rules").rglob("*") if p.is_file() and p.suffix not in allowed] == []


def test_no_machine_and_no_registry_is_named() -> None:
    found = []
    for path in tracked_files():
        try:
            lines = path.read_text("utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(lines, 1):
            if any(pattern.search(line) for pattern in FOREIGN):
                found.append(f"{name_of(path)}:{number}: {line.strip()[:100]}")
    assert found == []


@pytest.mark.parametrize("folder", ["kernels", "readers", "writers", "pipeline", "schema/batch.py"])
def test_every_issue_code_in_the_code_is_listed(folder: str) -> None:
    place = PACKAGE / folder
    files = [place] if place.is_file() else python_files(f"transformer/{folder}")
    unknown = sorted(
        f"{name_of(path)}:{text.lineno}: {text.value}"
        for path in files
        for text in strings(path)
        if KEBAB.fullmatch(text.value) and text.value not in ISSUE_CODES and text.value not in NO_CODES
    )
    assert unknown == [], "an issue code without sentence and remedy, or a word for NO_CODES"


def test_every_listed_code_is_used() -> None:
    sources = [p for p in python_files("transformer") if not name_of(p).startswith("transformer/schema/")]
    used = {text.value for path in sources for text in strings(path)}
    others = [*PACKAGE.rglob("*.sql"), *(ROOT / "rules").rglob("*.toml")]
    rest = "\n".join(path.read_text("utf-8") for path in others)
    assert [code for code in ISSUE_CODES if code not in used and code not in rest] == []


@pytest.mark.parametrize("code", sorted(ISSUE_CODES))
def test_every_issue_code_has_a_sentence_and_a_remedy(code: str) -> None:
    known = ISSUE_CODES[code]
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code)
    assert known.severity in {"error", "warning", "note"}
    for text in (known.sentence, known.remedy):
        assert text[0].isupper()
        assert text.endswith(".")
        assert "\n" not in text


def test_the_help_and_the_readme_name_every_command() -> None:
    import click

    usage = group.get_help(click.Context(group, info_name="transformer"))
    readme = (ROOT / "README.md").read_text("utf-8")
    for name, command in group.commands.items():
        assert re.search(rf"^  {name}\s+\S", usage, re.MULTILINE)
        assert f"transformer {name}" in readme
        for option in command.params:
            if isinstance(option, click.Option):
                assert option.help, f"{name} {option.name} has no help"
    for code in (0, 1, 2, 3, 4, 5, 6, 130):
        assert re.search(rf"^\| {code} +\|", readme, re.MULTILINE), f"exit code {code}"


def test_the_readme_links_to_files_that_are_there() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    for target in re.findall(r"\]\((?!https?:|#)([^)]+)\)", readme):
        assert (ROOT / target).exists(), target


def test_file_names_are_good_everywhere() -> None:
    bad = re.compile(r'[<>:"|?*\\\x00-\x1f]|[. ]$')
    names = [Path(name_of(path)) for path in tracked_files()]
    assert [str(name) for name in names if any(bad.search(part) for part in name.parts)] == []
    lower = [str(name).lower() for name in names]
    assert len(set(lower)) == len(lower)
