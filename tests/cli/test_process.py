"""The command as a process of its own: pipes, signals, and a real conversion from words to files."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.makers import LEADER, record

COMMAND = [sys.executable, "-m", "transformer"]
INTERRUPTED_API = """
import sys, time, types
api = types.ModuleType("transformer.api")
def convert(*args, **words):
    print("working", flush=True)
    time.sleep(60)
api.convert = convert
import transformer
sys.modules["transformer.api"] = transformer.api = api
from transformer.cli import progress
from transformer.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


NOISE = bytes(byte | 0x80 for byte in b"unchen")


@pytest.fixture
def three(tmp_path: Path) -> Path:
    """A file with three good records in UTF-8 and one in no encoding at all."""
    path = tmp_path / "three.mrc"
    titles = ["Der Zauberberg & andere", "Преступление и наказание", "<雪国>"]
    good = [
        record(LEADER, [("001", f"b{n}"), ("245", "1", "0", [("a", title)])])
        for n, title in enumerate(titles)
    ]
    bad = record(LEADER, [("001", "b9"), ("245", "1", "0", [("a", "Munchen")])]).replace(b"unchen", NOISE)
    path.write_bytes(b"".join([*good[:2], bad, good[2]]))
    return path


def test_a_real_conversion(three: Path) -> None:
    output = three.with_suffix(".xml")
    done = subprocess.run([*COMMAND, "convert", three, output, "--json"], capture_output=True, check=False)
    assert done.returncode == 1, done.stderr.decode()  # one record was set aside
    facts = json.loads(done.stdout)
    assert (facts["read_count"], facts["written_count"], facts["set_aside_count"]) == (4, 3, 1)
    assert [(i["code"], i["count"]) for i in facts["issues"]] == [
        ("not-utf8", 1),
        ("file-encoding", 1),
    ]
    text = output.read_text("utf-8")
    assert "Преступление и наказание" in text
    assert "Der Zauberberg &amp; andere" in text
    assert "&lt;雪国&gt;" in text
    assert b"M" + NOISE in three.with_name("three.xml.set-aside").read_bytes()


def test_a_reader_who_stops_reading_is_no_error() -> None:
    with subprocess.Popen(
        [*COMMAND, "--help"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "LC_ALL": "C"},
    ) as process:
        assert process.stdout and process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(20) == 0


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent to a whole console there")
def test_ctrl_c_is_one_line_and_130(three: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED_API, "convert", three, three.with_suffix(".xml")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout and process.stderr
        assert process.stdout.readline() == b"working\n"
        process.send_signal(signal.SIGINT)
        said = process.stderr.read().decode()
        assert process.wait(20) == 130
    assert said.splitlines() == ["transformer: interrupted; no half-written file was left under a final name"]


def test_the_script_and_the_module_are_the_same_command() -> None:
    script = Path(sys.executable).with_name("transformer")
    if not script.exists():
        pytest.skip("the package is not installed as a script beside this Python")
    asked = [[script, "--version"], [*COMMAND, "--version"]]
    one, other = (subprocess.run(words, capture_output=True, check=True).stdout for words in asked)
    assert one == other
    assert one.startswith(b"transformer ")


@pytest.mark.skipif(
    sys.platform != "linux", reason="file names that are not UTF-8, and a full device, are Linux"
)
def test_odd_names_and_a_full_disk_are_told() -> None:
    done = subprocess.run(
        [*COMMAND, "convert", b"nowhere\xff.mrc", "out.xml", "--json"], capture_output=True, check=False
    )
    assert done.returncode == 4
    assert json.loads(done.stdout)["error"]["where"] == "nowhere\udcff.mrc"
    assert b"no such file" in done.stderr
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([*COMMAND, "--help"], stdout=full, stderr=subprocess.PIPE, check=False)
        assert done.returncode == 5
        assert b"the disk is full" in done.stderr
        assert subprocess.run([*COMMAND, "convert"], stderr=full, check=False).returncode == 2
