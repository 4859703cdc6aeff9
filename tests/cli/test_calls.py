"""Right words become one api call, and the result becomes a summary or one JSON object."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

from tests.cli.conftest import CONVERTED, RAN
from transformer.engines.progress import Silent


def test_convert_hands_every_word_to_the_api(typed, mrc: Path) -> None:
    words = ["--parts", "3", "--columns", "001, 245ab", "--threads", "2", "--overwrite", "--to", "parquet"]
    words += ["--encoding", "marc-8,brace-unicode", "--to-encoding", "utf-8"]
    told = typed("convert", "a.mrc", "a.mrc", "out.bin", *words, "--quiet")
    assert told.exit_code == 1  # three of its records were set aside
    [(name, args, facts)] = told.calls
    assert name == "convert"
    assert args == ((Path("a.mrc"), Path("a.mrc")), Path("out.bin"))
    assert isinstance(facts.pop("progress"), Silent)
    assert facts == {
        "to": "parquet",
        "container": None,
        "parts": 3,
        "columns": ("001", "245ab"),
        "split_long": False,
        "encoding": "marc-8,brace-unicode",
        "to_encoding": "utf-8",
        "threads": 2,
        "overwrite": True,
    }


def test_the_suffix_says_what_to_write(typed, mrc: Path) -> None:
    for name, container in (("b.XML", "marcxml"), ("b.mrc", "iso2709"), ("b.parquet", "parquet")):
        assert typed("convert", "a.mrc", name).calls[-1][2]["to"] == container


def test_standard_input_and_patterns_go_to_the_api(typed, mrc: Path) -> None:
    assert typed("convert", "-", "b.xml").calls[-1][1][0] == (Path("-"),)
    told = typed("convert", "[a].mr?", "b.xml", "--from", "iso2709")
    assert told.calls[-1][1][0] == (Path("a.mrc"),)
    assert told.calls[-1][2]["container"] == "iso2709"


def test_the_suffixes_are_those_of_the_api() -> None:
    from transformer.cli.early import CONTAINER_OF_SUFFIX
    from transformer.pipeline.convert import SUFFIXES

    assert CONTAINER_OF_SUFFIX == SUFFIXES


def test_run_hands_every_word_to_the_api(typed, library: Path) -> None:
    told = typed("run", "mylib", "--run", "load.1", "--threads", "2", "--as-of", "2026-01-31")
    assert told.exit_code == 0
    [(name, args, facts)] = told.calls
    facts.pop("progress")
    assert (name, args) == ("run", (Path("mylib"),))
    assert facts.pop("memory_bytes") is None
    assert facts == {"name": "load.1", "resume": False, "threads": 2, "as_of": datetime.date(2026, 1, 31)}


def test_a_run_over_the_limits_ends_with_1_and_says_why(typed, api, library: Path) -> None:
    import dataclasses

    api.answers["run"] = dataclasses.replace(RAN, exit_code=1, reasons=("3 locations are not in the map",))
    told = typed("run", "mylib")
    assert told.exit_code == 1
    assert "Do not load it yet" in told.out
    assert "3 locations are not in the map" in told.out


def test_demo_and_init_and_check(typed, library: Path) -> None:
    assert typed("demo").exit_code == 0
    assert typed("demo", "elsewhere").calls[-1][1][0] == Path("elsewhere")
    from transformer.cli.early import systems

    system = systems()[0]
    told = typed("init", system.upper(), "newlib")
    assert told.calls[-1] == ("init", (system, Path("newlib")), {})
    assert "transformer run newlib" in told.out
    told = typed("check", "mylib")
    assert told.exit_code == 0
    assert "No mistakes" in told.out


def test_json_is_one_object_on_stdout(typed, mrc: Path, library: Path) -> None:
    told = typed("convert", "a.mrc", "a.xml", "--json")
    facts = json.loads(told.out)
    assert told.out.count("\n") == 1
    assert (facts["command"], facts["exit_code"]) == ("convert", 1)
    assert (facts["read_count"], facts["written_count"], facts["set_aside_count"]) == (12_000, 11_998, 2)
    assert facts["files"][0] == {
        "name": "bib.xml",
        "record_count": 11_998,
        "byte_count": 1_500_000,
        "sha256": "ab" * 32,
    }
    facts = json.loads(typed("run", "mylib", "--json").out)
    assert facts["command"] == "run"
    assert facts["folder"] == str(Path("mylib/runs/0001"))
    assert facts["report"] == str(Path("mylib/runs/0001/reports/report.md"))
    assert facts["ledger"][0]["set_aside_count"] == 2
    assert json.loads(typed("demo", "--json").out)["command"] == "demo"
    assert json.loads(typed("check", "mylib", "--json").out)["mistakes"] == []


def test_json_is_one_object_for_errors_too(typed) -> None:
    told = typed("convert", "nowhere.mrc", "a.xml", "--json")
    facts = json.loads(told.out)
    assert facts["exit_code"] == told.exit_code == 4
    assert facts["error"]["what"] == "no such file"
    assert "no such file" in told.err


def test_quiet_says_nothing(typed, mrc: Path) -> None:
    told = typed("convert", "a.mrc", "a.xml", "--quiet")
    assert (told.exit_code, told.out, told.err) == (1, "", "")


def test_a_conversion_that_sets_nothing_aside_ends_with_0(typed, api, mrc: Path) -> None:
    import dataclasses

    api.answers["convert"] = dataclasses.replace(CONVERTED, written_count=500, set_aside_count=0)
    assert typed("convert", "a.mrc", "b.xml").exit_code == 0
