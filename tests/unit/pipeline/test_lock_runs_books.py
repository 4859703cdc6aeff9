"""The run lock, run folders and the closing of the books, each by itself."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from transformer.errors import BooksError, MachineError, UsageError
from transformer.pipeline import books, runs
from transformer.pipeline.lock import run_lock
from transformer.pipeline.results import LedgerRow


def test_one_holds_the_lock_and_the_next_is_told_who(tmp_path: Path) -> None:
    path = tmp_path / ".lock"
    with (
        run_lock(path),
        pytest.raises(MachineError, match=rf"process {os.getpid()}"),
        run_lock(path),
    ):
        pass
    with run_lock(path):
        pass


def test_a_dead_process_holds_no_lock(tmp_path: Path) -> None:
    code = (
        "import os, sys, pathlib; from transformer.pipeline.lock import run_lock\n"
        "with run_lock(pathlib.Path(sys.argv[1])): os._exit(9)"
    )
    path = tmp_path / ".lock"
    assert subprocess.run([sys.executable, "-c", code, str(path)], check=False).returncode == 9
    assert path.exists()
    with run_lock(path):
        pass


def test_runs_are_numbered_and_never_written_over(tmp_path: Path) -> None:
    assert runs.new_run(tmp_path, None).name == "0001"
    assert runs.new_run(tmp_path, "cutover").name == "cutover"
    assert runs.new_run(tmp_path, "0041").name == "0041"
    assert runs.new_run(tmp_path, None).name == "0042"
    with pytest.raises(UsageError, match="cutover"):
        runs.new_run(tmp_path, "cutover")


def test_killed_while_its_folders_were_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After each of its folders: no run is there then, to go on with or in the way of the next."""
    made = Path.mkdir

    for number in range(len(runs.FOLDERS) + 1):
        left = [number]

        def mkdir(path: Path, mode: int = 0o777, *words: Any, left: list[int] = left, **named: Any) -> None:
            if path.name != "runs" and not left[0]:
                raise KeyboardInterrupt
            left[0] -= path.name != "runs"
            made(path, mode, *words, **named)

        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr(Path, "mkdir", mkdir)
            runs.new_run(tmp_path, None)
        assert runs.unfinished_run(tmp_path, None) is None
        runs.sweep(tmp_path / "runs")
        assert list((tmp_path / "runs").iterdir()) == []
    assert runs.new_run(tmp_path, None).name == "0001"
    assert runs.unfinished_run(tmp_path, None) is not None


@pytest.mark.parametrize("name", ["latest", "", ".hidden", "a/b", "a:b", "x" * 65, "ä"])
def test_names_that_no_run_may_have(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError):
        runs.new_run(tmp_path, name)


def test_latest_is_found_only_when_a_run_has_ended(tmp_path: Path) -> None:
    first = runs.new_run(tmp_path, None)
    with pytest.raises(UsageError, match="no finished run"):
        runs.find_run(tmp_path)
    runs.point_latest(first)
    assert runs.find_run(tmp_path) == first
    second = runs.new_run(tmp_path, None)
    assert runs.find_run(tmp_path) == first
    runs.point_latest(second)
    assert runs.find_run(tmp_path) == second
    assert {path.name for path in (tmp_path / "runs").iterdir()} == {"0001", "0002", "latest"}


@pytest.mark.skipif(os.name == "nt", reason="rights are told otherwise there")
def test_people_lie_in_a_folder_for_the_owner_alone(tmp_path: Path) -> None:
    place = runs.new_run(tmp_path, None).folder("set-aside/patron")
    assert stat.S_IMODE(place.stat().st_mode) == 0o700


def row(kind: str, read: int, written: int, merged: int = 0, aside: int = 0, made: int = 0) -> LedgerRow:
    return LedgerRow("f", kind, read, written, merged, aside, made)


def test_books_that_close() -> None:
    rows = [row("bib", 10, 8, 0, 2), row("item", 9, 4, 5), row("item", 3, 3), row("holdings", 0, 0, made=6)]
    books.close(rows, {"bib": 8, "item": 7, "holdings": 6, "patron/patron_note": 4})


@pytest.mark.parametrize(
    ("rows", "filed", "said"),
    [
        ([row("bib", 10, 8, 0, 1)], {"bib": 8}, "read 10, written 8"),
        ([row("bib", 10, 9, 0, 2)], {"bib": 9}, "bib"),
        ([row("bib", 10, 10)], {"bib": 9}, "9 in the files"),
        ([row("holdings", 0, 0, made=6)], {"holdings": 7}, "holdings"),
    ],
)
def test_books_that_do_not(rows: list[LedgerRow], filed: dict[str, int], said: str) -> None:
    with pytest.raises(BooksError, match=said):
        books.close(rows, filed)


def test_what_the_writers_count_goes_before_what_the_rules_expect() -> None:
    said = [{"source_file": "f", "kind": "bib", "written_count": 5, "merged_count": 0, "set_aside_count": 1}]
    made = books.ledger_rows({("f", "bib"): 7}, {("f", "bib"): 1}, said, {("f", "bib"): 4})
    assert made == (row("bib", 7, 4, 0, 2),)
