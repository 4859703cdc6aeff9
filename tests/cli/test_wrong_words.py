"""Wrong words and wrong files: what, where, expected, next; the right exit code; never a traceback."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

WRONG_WORDS = [
    (["runn"], "no command `runn`", "did you mean `run`?"),
    (["xyzzy"], "no command `xyzzy`", "transformer --help"),
    (["convert"], "IN... OUT is missing", "transformer convert --help"),
    (["convert", "a.mrc"], "one file is named, two are needed", "a.xml"),
    (["convert", "--part", "2", "a.mrc", "a.xml"], "no option `--part`", "did you mean `--parts`?"),
    (["convert", "--threads", "0", "a.mrc", "a.xml"], "0 is not in the range", "a whole number from 1"),
    (["convert", "--threads", "two", "a.mrc", "a.xml"], "'two' is not", "a whole number from 1"),
    (["convert", "--to", "mods", "a.mrc", "a.xml"], "'mods' is not one of", "iso2709, marcxml, "),
    (["convert", "a.mrc", "a.pdf"], "suffix `.pdf`", "--to iso2709|marcxml|"),
    (["convert", "a.mrc", "out"], "name without a suffix", ".mrc"),
    (["convert", "a.mrc", "nowhere/a.xml"], "folder to write into does not exist", "Make it first"),
    (["convert", "a.mrc", "a.mrc"], "is input and output at once", "Name another output"),
    (["convert", "--overwrite", "a.mrc", "a.mrc"], "is input and output at once", "Name another output"),
    (["convert", "a.mrc", "there.xml"], "exists already", "--overwrite"),
    (["convert", "--from", "mods", "a.mrc", "a.xml"], "'mods' is not one of", "iso2709, marcxml, "),
    (["convert", "--columns", "001", "a.mrc", "a.xml"], "columns make sense in a table only", "Parquet"),
    (["convert", "--columns", "01", "a.mrc", "a.parquet"], "`01` is no column", "001,100a"),
    (["convert", "--columns", "001,,", "a.mrc", "a.parquet"], "a column without a name", "001,100a"),
    (["convert", "--columns", "001,001", "a.mrc", "a.parquet"], "`001` is named twice", "001,100a"),
    (["convert", "--encoding", "klingon", "a.mrc", "a.xml"], "no encoding is called 'klingon'", "marc-8, "),
    (["convert", "--encoding", "marc-8,latin-1", "a.mrc", "a.xml"], "no encoding is called", "iso5426"),
    (["convert", "--to-encoding", "latin-1", "a.mrc", "b.mrc"], "no encoding to write", "utf-8, marc-8"),
    (["convert", "--to-encoding", "marc-8", "a.mrc", "a.xml"], "is written in UTF-8 always", ".mrc or .mrk"),
    (["convert", "--to-encoding", "marc-8", "a.mrc", "a.parquet"], "in UTF-8 always", "Leave --to-encoding"),
    (["run"], "LIB is missing", "transformer run --help"),
    (["run", "mylob"], "no such folder", "did you mean `mylib`?"),
    (["run", "elsewhere"], "no such folder", "transformer init SYSTEM elsewhere"),
    (["run", "a.mrc"], "is a file", "Name the folder"),
    (["run", "empty"], "has no transformer.toml", "transformer init SYSTEM empty"),
    (["run", "mylib", "--run", "0001"], "a run called `0001` already", "Choose another name"),
    (["run", "mylib", "--run", "a/b"], "cannot name a run", "letters, digits"),
    (["run", "mylib", "--run", "nul.txt"], "cannot name a run", "letters, digits"),
    (["run", "mylib", "--run", "latest"], "cannot name a run", "not `latest`"),
    (["run", "mylib", "--as-of", "31.1.2026"], "`31.1.2026` is no date", "2026-01-31"),
    (["run", "mylib", "--as-of", "2026-02-30"], "`2026-02-30` is no date", "2026-01-31"),
    (["check", "nowhere"], "no such folder", "transformer init"),
    (["init", "nosuchsystem", "new"], "no rules for a system called `nosuchsystem`", "one of: "),
    (["init"], "SYSTEM is missing", "transformer init --help"),
    (["demo", "a.mrc"], "is a file", "Name another folder"),
    (["demo", "one", "two"], "unexpected extra argument", "transformer demo --help"),
]


@pytest.fixture
def folder(mrc: Path, library: Path) -> Path:
    """A working folder with a.mrc, there.xml, empty/ and mylib/ with a run 0001."""
    (mrc.parent / "there.xml").touch()
    (mrc.parent / "empty").mkdir()
    (library / "runs" / "0001").mkdir(parents=True)
    return mrc.parent


@pytest.mark.parametrize(("words", "what", "further"), WRONG_WORDS, ids=lambda v: " ".join(v)[:40])
def test_wrong_words_are_told_and_end_with_2(typed, folder: Path, words, what: str, further: str) -> None:
    told = typed(*words)
    assert told.exit_code == 2
    assert told.out == ""
    assert what in told.err
    assert further in told.err
    assert "next: " in told.err or "expected: " in told.err
    assert "Traceback" not in told.err
    assert told.calls == []


def test_a_file_that_is_not_there_is_told_with_the_nearest_name(typed, mrc: Path) -> None:
    told = typed("convert", "a.mcr", "a.xml")
    assert told.exit_code == 4
    assert "a.mcr: no such file" in told.err
    assert "did you mean `a.mrc`?" in told.err


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [("empty.mrc", b"", "is empty (0 bytes)"), ("text.mrc", b"Dear colleagues,\n", "is not MARC")],
)
def test_a_file_that_is_no_extract_is_told(
    typed, tmp_path: Path, name: str, content: bytes, what: str
) -> None:
    (tmp_path / name).write_bytes(content)
    told = typed("convert", name, "a.xml")
    assert told.exit_code == 4
    assert what in told.err
    assert not (tmp_path / "a.xml").exists()


def test_a_folder_where_a_file_should_be(typed, tmp_path: Path) -> None:
    (tmp_path / "dir.mrc").mkdir()
    told = typed("convert", "dir.mrc", "a.xml")
    assert told.exit_code == 4
    assert "dir.mrc: is a folder" in told.err
    assert str(Path("dir.mrc") / "*.mrc") in told.err


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="permissions do not bind root")
def test_no_permission(typed, mrc: Path) -> None:
    mrc.chmod(0)
    told = typed("convert", "a.mrc", "a.xml")
    assert told.exit_code == 4
    assert "permission denied" in told.err


def test_no_permission_whoever_we_are(typed, mrc: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.R_OK)
    told = typed("convert", "a.mrc", "a.xml")
    assert told.exit_code == 4
    assert "permission denied" in told.err
    assert "a file that you may read" in told.err


def test_a_folder_that_may_not_be_written_into(typed, mrc: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    told = typed("convert", "a.mrc", "a.xml")
    assert told.exit_code == 2
    assert "may not be written into" in told.err


def test_init_does_not_touch_a_project_that_is_there(typed, library: Path) -> None:
    from transformer.cli.early import systems

    told = typed("init", systems()[0], "mylib")
    assert told.exit_code == 2
    assert "has a transformer.toml already" in told.err
    assert "transformer run mylib" in told.err


def test_without_words_the_help_is_shown(typed) -> None:
    told = typed()
    assert told.exit_code == 2
    assert "Usage: transformer" in told.err
