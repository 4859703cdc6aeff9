"""What may lie under a file's name: links, pipes, devices, nothing, odd names; files that change."""

from __future__ import annotations

import csv
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hostile.typed import typed
from tests.makers import LEADER, record
from transformer.errors import ExtractError, printable
from transformer.extracts.model import Source
from transformer.readers import partitions_of_all, read

ONE = record(LEADER, [("001", "b1"), ("245", "1", "0", [("a", "Of mice and moons")])])
CONTAINERS = ("iso2709", "marcxml", "aleph_sequential", "marcjson", "mnemonic")
WRITTEN = {
    "iso2709": ONE,
    "marcxml": b'<record><leader>%b</leader><controlfield tag="001">b1</controlfield></record>\n'
    % LEADER.encode(),
    "aleph_sequential": b"NUMBER LDR   L %b\nNUMBER 001   L b1\n" % LEADER.encode(),
    "marcjson": b'{"leader": "%b", "fields": [{"001": "b1"}]}\n' % LEADER.encode(),
    "mnemonic": b"=LDR  %b\n=001  b1\n\n" % LEADER.encode(),
}
linux = pytest.mark.skipif(sys.platform == "win32", reason="links, pipes and devices are those of Unix")


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# --- what is no file ----------------------------------------------------------------------------------


@linux
def test_a_link_to_a_file_is_that_file(tmp_path: Path) -> None:
    (tmp_path / "there.mrc").write_bytes(ONE)
    (tmp_path / "link").symlink_to("there.mrc")
    (tmp_path / "link.mrc").symlink_to(tmp_path / "link")
    assert typed("convert", tmp_path / "link.mrc", tmp_path / "out.xml").exit_code == 0


@linux
@pytest.mark.parametrize("words", [(), ("--from", "iso2709")])
def test_links_that_lead_nowhere_pipes_and_devices_end_at_once(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "zero").symlink_to("/dev/zero")
    (tmp_path / "folder").symlink_to(".")
    os.mkfifo(tmp_path / "pipe")
    ear = socket.socket(socket.AF_UNIX)
    ear.bind(os.path.relpath(tmp_path / "socket"))
    before = left(tmp_path)
    for name, said in (
        ("loop", "leads to no file"),
        ("dangling", "leads to no file"),
        ("zero", "is a device"),
        ("socket", "is a device or a socket"),
        ("pipe", "is a pipe"),
        ("folder", "is a folder"),
    ):
        ended = typed("convert", tmp_path / name, tmp_path / "out.xml", *words, limit_s=30)
        ended.fails(4, name, said, "next:")
        assert left(tmp_path) == before
    ear.close()


@linux
def test_a_pipe_as_standard_input_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.mrc").write_bytes(ONE * 50_000)
    with subprocess.Popen(["cat", tmp_path / "a.mrc"], stdout=subprocess.PIPE) as cat:
        said = typed("convert", "-", tmp_path / "out.jsonl", given=cat.stdout)
    assert said.exit_code == 0, said
    assert "50,000 records written" in said.out


# --- files of nothing ---------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [b"", b"\n\r\n  \x1a\0" * 999, b"\xff" * 9999, b"\xef\xbb\xbf", b"{}", b"<"])
def test_files_of_nothing(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x").write_bytes(data)
    typed("convert", tmp_path / "x", tmp_path / "out.xml").fails(4, "x", "expected:", "next:")
    assert left(tmp_path) == ["x"]


@pytest.mark.parametrize("container", CONTAINERS)
def test_whatever_it_is_called_no_byte_is_lost(tmp_path: Path, container: str) -> None:
    """Told what it is, the reader divides it; bytes that mean nothing are set aside, separators are not."""
    path = tmp_path / "x"
    for data, aside in ((b"\n\r\n  \x1a\0" * 999, 0), (b"\xff" * 9999, 9999)):
        path.write_bytes(data)
        if container == "marcxml" and aside:
            with pytest.raises(ExtractError, match="no MARC record"):
                list(partitions_of_all((Source(path, container),)))
            continue
        results = [read(part) for part in partitions_of_all((Source(path, container),))]
        assert sum(int(r.spans.byte_count.sum()) for r in results) == len(data)
        assert sum(int(r.spans.byte_count[r.spans.kind == 2].sum()) for r in results) == aside


# --- names --------------------------------------------------------------------------------------------

NAMES = [b"new\nline.mrc", b"red\x1b[31m.mrc", b"bad\xff\xe9.mrc", b"tab\t\x7f.mrc", "naïve 書 .mrc".encode()]


@linux
@pytest.mark.parametrize("name", NAMES)
def test_odd_names(tmp_path: Path, name: bytes) -> None:
    path = tmp_path / os.fsdecode(name)
    path.write_bytes(ONE + b"rubble" + ONE)
    said = typed("convert", path, tmp_path / "out.xml", "--json")
    assert said.exit_code == 1, said
    said.stays_calm()
    assert json.loads(said.out)["inputs"][0]["name"].isprintable()
    with (tmp_path / "out.xml.issues.csv").open(encoding="utf-8", newline="") as file:
        assert [row["source_file"] for row in csv.DictReader(file)] == [printable(path.name)]
    ended = typed("convert", tmp_path / os.fsdecode(b"no" + name), tmp_path / "out2.xml", "--json")
    ended.fails(4, "no such file")
    # One message of one line each: a name cannot make another message of itself, nor colour the screen.
    assert ended.err.count("\n") == len(ended.err.strip().splitlines()) <= 4
    assert "\x1b" not in ended.err
    assert json.loads(ended.out)["exit_code"] == 4


def test_names_are_printable() -> None:
    assert printable("a\nb\x1b[31m\udcff\u2028é書 ") == r"a\nb\x1b[31m\udcff\u2028é書 "


# --- files that change --------------------------------------------------------------------------------


@pytest.mark.parametrize("container", CONTAINERS)
@pytest.mark.parametrize("how", ["grows", "shrinks", "is emptied", "is removed"])
def test_a_file_that_changes_while_it_is_read(tmp_path: Path, container: str, how: str) -> None:
    """Cut into partitions, then changed: told with an error, never with other records than were counted."""
    path, one = tmp_path / "x", WRITTEN[container]
    made = [one.replace(b"NUMBER", b"%09d" % number) for number in range(1, 400)]
    path.write_bytes(b"".join(made))
    parts = list(partitions_of_all((Source(path, container),)))
    before = read(parts[-1]).spans
    if how == "grows":
        with path.open("ab") as file:
            file.write(made[0] * 1000)
    elif how == "shrinks":
        os.truncate(path, path.stat().st_size - len(made[-1]) - 3)
    elif how == "is emptied":
        os.truncate(path, 0)
    else:
        path.unlink()
    if how == "grows":
        # What was there when it was counted may be read; what has come since may not.
        try:
            after = read(parts[-1]).spans
        except ExtractError as error:
            assert "has changed" in str(error)
        else:
            assert after.byte_count.tolist() == before.byte_count.tolist()
    else:
        with pytest.raises(ExtractError, match=r"has changed|cannot be read|is empty"):
            read(parts[-1])
