"""`transformer sql`: its words, what stands on the screen, and the command as a whole."""

from __future__ import annotations

import dataclasses
import json
import shlex
from pathlib import Path

import click
import pyarrow as pa
import pytest

from tests.cli.test_whole_bad_input import left
from tests.cli.test_whole_bad_input import typed as run
from tests.makers import LEADER, record
from transformer.cli.commands import group
from transformer.engines.progress import Silent
from transformer.pipeline.results import InputFact, OutputFact, QueryResult

FOUND = QueryResult(
    rows=pa.table({"tag": ["245", None], "n": [12, 3], "all": [["a", "b"], []]}),
    row_count=1234,
    read_count=1000,
    set_aside_count=0,
    finding_count=0,
    to_the_end=True,
    files=(),
    inputs=(InputFact("a.mrc", "iso2709", 44),),
    elapsed_s=0.1,
)


def test_every_word_goes_to_the_api(typed, api, mrc: Path) -> None:
    api.answers["ask"] = FOUND
    words = [
        "--out",
        "x.csv",
        "--limit-rows",
        "5",
        "--memory",
        "1.5GB",
        "--from",
        "iso2709",
        "--encoding",
        "latin-1",
        "--threads",
        "2",
    ]
    told = typed("sql", "select 1", "a.mrc", "a.mrc", *words, "--overwrite", "-q", "--json")
    [(name, args, facts)] = told.calls
    assert (name, args) == ("ask", ("select 1", (Path("a.mrc"), Path("a.mrc"))))
    assert isinstance(facts.pop("progress"), Silent)
    assert facts == {
        "output": Path("x.csv"),
        "most_rows": 5,
        "container": "iso2709",
        "encoding": "latin-1",
        "memory_bytes": 1_500_000_000,
        "threads": 2,
        "overwrite": True,
    }


def test_the_screen(typed, api, mrc: Path) -> None:
    api.answers["ask"] = FOUND
    told = typed("sql", "select 1", "a.mrc")
    assert told.out.splitlines() == [
        "  tag   n  all",
        "  245  12  a; b",
        "        3",
        "",
        "2 of 1,234 rows; --out FILE.csv writes them all.",
    ]
    assert told.err == "1,000 records read, none set aside.\n"
    assert told.exit_code == 0


def test_what_was_set_aside_is_never_silent(typed, api, mrc: Path) -> None:
    api.answers["ask"] = dataclasses.replace(FOUND, set_aside_count=2, finding_count=3, to_the_end=False)
    told = typed("sql", "select 1", "a.mrc", "-q")
    assert told.err == (
        "1,000 records read, as far as was needed, 2 set aside; "
        '3 findings: ask "from issue" what and where.\n'
    )
    assert told.exit_code == 1
    facts = json.loads(typed("sql", "select 1", "a.mrc", "--json").out)
    assert (facts["command"], facts["exit_code"], facts["set_aside_count"]) == ("sql", 1, 2)
    assert facts["columns"][:2] == [{"name": "tag", "type": "string"}, {"name": "n", "type": "int64"}]
    assert facts["rows"] == [["245", 12, ["a", "b"]], [None, 3, []]]
    assert (facts["row_count"], facts["read_count"]) == (1234, 1000)


def test_an_answer_in_a_file(typed, api, mrc: Path) -> None:
    file = OutputFact("x.csv", 1234, 2048)
    api.answers["ask"] = dataclasses.replace(FOUND, files=(file,), changed_count=7)
    assert typed("sql", "select 1", "a.mrc", "--out", "x.csv").out.splitlines() == [
        "1,234 rows written to x.csv (2.0 KiB).",
        "Line breaks and control characters in 7 values became blanks.",
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["", "a.mrc"], "the query is empty"),
        (["a.mrc", "select 1"], "looks like a file, not like a query"),
        (["select 1"], "FILE is missing"),
        (["select 1", "a.mrc", "--memory", "much"], "`much` is no size"),
        (["select 1", "a.mrc", "--out", "x.xls"], "does not say what to write"),
        (["select 1", "a.mrc", "--out", "a.mrc"], "does not say what to write"),
        (["select 1", "a.mrc", "--out", "taken.csv"], "exists already"),
        (["select 1", "a.mrc", "--limit-rows", "0"], "--limit-rows"),
    ],
)
def test_wrong_words(typed, mrc: Path, words: list[str], said: str) -> None:
    mrc.with_name("taken.csv").touch()
    told = typed("sql", *words)
    assert (told.exit_code, told.out, told.calls) == (2, "", [])
    assert said in told.err


@pytest.mark.parametrize(
    ("word", "size"), [("64MB", 64_000_000), ("2 GiB", 2 << 30), ("1.5g", 1_500_000_000), ("900k", 900_000)]
)
def test_sizes(word: str, size: int) -> None:
    from transformer.cli.early import byte_size

    assert byte_size(word) == size


def examples() -> list[str]:
    """The example lines of the help, those that go on in the next line joined."""
    text = group.get_command(click.Context(group), "sql").help or ""
    lines = text.replace("\\\n", " ").splitlines()
    return [line.strip() for line in lines if line.strip().startswith("transformer sql ")]


def test_the_examples_of_the_help_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    german = ("008", "710101s1971    gw            000 1 ger d")
    title = ("245", "1", "0", [("a", "Gruppenbild mit Dame :"), ("b", "Roman")])
    about = ("650", " ", "0", [("a", "Köln")])
    Path("records.mrc").write_bytes(record(LEADER, [("001", "b1"), german, title, about]))
    said = [run(*shlex.split(example)[1:]) for example in examples()]
    assert [each.exit_code for each in said] == [0, 0, 0]
    assert said[0].out.splitlines() == [
        "  tag  code  count_star()", "  245  a                1", "  245  b                1",
        "  650  a                1", "", "3 rows.",
    ]  # fmt: skip
    assert said[1].out.splitlines()[1].split() == ["Köln", "1"]
    assert said[2].out.startswith("1 row written to german.csv")
    assert Path("german.csv").read_text("utf-8") == "001,245ab\nb1,Gruppenbild mit Dame : Roman\n"


def test_errors_as_a_user_sees_them(tmp_path: Path) -> None:
    path = tmp_path / "a.mrc"
    path.write_bytes(record(LEADER, [("001", "b1")]))
    run("sql", "select tagg from field", path).fails(
        2, 'Referenced column "tagg" not found', "field: record_no, field_no, tag"
    )
    run("sql", "from spec('24')", path).fails(2, "field spec '24'", "such as 001, 245abn")
    run("sql", "copy record to 'x'", path, "--out", tmp_path / "a.csv").fails(2, "copy is no query")
    run("sql", "from read_text('/etc/passwd')", path).fails(2, "disabled")
    assert left(tmp_path) == {"a.mrc"}


def test_what_is_damaged_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.mrc"
    path.write_bytes(record(LEADER, [("001", "b1")]) + b"rubble" * 5)
    said = run("sql", "select count(*) as n from record", path, "--json")
    assert said.exit_code == 1
    assert json.loads(said.out)["rows"] == [[1]]
    assert "2 records read, 1 set aside; 1 finding" in said.err
    # DuckDB prints a page of what was not let go when the process ends.
    assert "leak" not in said.err
    assert "garbage" in run("sql", "from issue", path, "-q").out
