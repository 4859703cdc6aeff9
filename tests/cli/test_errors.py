"""Every way a job can fail has its exit code and its message; only our own mistakes leave a file."""

from __future__ import annotations

import errno
import json
import os
import re
from pathlib import Path

import pytest

from transformer.errors import BooksError, ExtractError, MachineError, Mistake, RulesError, UsageError

FAILURES = [
    (UsageError("wrong words", "there", "right words", "type them"), 2, "there: wrong words"),
    (ExtractError("no MARC", "a.mrc"), 4, "a.mrc: no MARC"),
    (MachineError("too hot"), 5, "too hot"),
    (BooksError("one record is lost"), 6, "one record is lost"),
    (KeyboardInterrupt(), 130, "interrupted"),
    (OSError(errno.ENOSPC, "No space left on device", "out.xml"), 5, "out.xml: the disk is full"),
    (PermissionError(errno.EACCES, "Permission denied", "out.xml"), 5, "out.xml: permission denied"),
    (OSError(errno.EIO, "Input/output error", "a.mrc"), 5, "Input/output error"),
    (MemoryError(), 5, "memory of this machine"),
]


@pytest.mark.parametrize(("error", "exit_code", "said"), FAILURES, ids=lambda v: type(v).__name__)
def test_a_failure_has_its_exit_code_and_message(typed, api, mrc: Path, error, exit_code, said: str) -> None:
    api.answers["convert"] = error
    told = typed("convert", "a.mrc", "a.xml", "--json")
    assert told.exit_code == exit_code
    assert said in told.err
    assert "Traceback" not in told.err
    assert json.loads(told.out)["exit_code"] == exit_code


def test_all_mistakes_in_rules_are_told_at_once(typed, api, library: Path) -> None:
    mistakes = (
        Mistake("item.toml", "item.barcode.from", "no column `barcod`", "barcode", "did you mean `barcode`?"),
        Mistake("maps/location.csv", "", "has no column `code`", "code", "add it"),
    )
    for command, answer in (("run", RulesError(mistakes)), ("check", mistakes)):
        api.answers[command] = answer
        told = typed(command, "mylib", "--json")
        assert told.exit_code == 3
        assert "2 mistakes" in told.err
        assert "no column `barcod`" in told.err
        assert "has no column `code`" in told.err
        assert [m["file"] for m in json.loads(told.out)["error"]["mistakes"]] == [
            "item.toml",
            "maps/location.csv",
        ]


def test_our_own_mistake_leaves_a_file_to_report(typed, api, mrc: Path) -> None:
    api.answers["convert"] = ZeroDivisionError("a value from the data")
    told = typed("convert", "a.mrc", "a.xml")
    assert told.exit_code == 5
    assert "not yours (ZeroDivisionError)" in told.err
    assert "a value from the data" not in told.err
    found = re.search(r"with the file (.+?\.txt)", told.err)
    assert found
    path = Path(found[1])
    try:
        assert "ZeroDivisionError: a value from the data" in path.read_text("utf-8")
        if os.name == "posix":
            assert path.stat().st_mode & 0o077 == 0
    finally:
        path.unlink()
