"""Runs that are killed, interrupted or out of disk go on with --resume, to the bytes of a quiet one."""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from tests.cli import forked
from tests.cli.test_whole_bad_input import typed
from tests.streaming.sites import digests, make_site

pytestmark = pytest.mark.skipif(os.name == "nt", reason="processes are forked and killed as on Unix")

TRIES = 9
"""On a busy machine a run may be done before the signal is sent: then once more."""
DELIVERED = ("out", "set-aside", "tables")
SETTINGS = '\n[output]\nbibs_per_file = 25\n[extract.bib]\nfiles = ["extracts/bib-*.mrc"]\n'


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of many parts: bibs in four files, delivered in files of 25."""
    site = make_site(tmp_path_factory.mktemp("made") / "lib", bibs=160, seed=11, dirt=0.05, settings=SETTINGS)
    whole = site.extracts / "bib.mrc"
    records = [record + b"\x1d" for record in whole.read_bytes().split(b"\x1d")[:-1]]
    for number in range(3):
        part = records[number * 40 : number * 40 + 40]
        (site.extracts / f"bib-{number}.mrc").write_bytes(b"".join(part))
    (site.extracts / "bib-3.mrc").write_bytes(b"".join(records[120:]))
    whole.unlink()
    return site.folder


class Runner:
    """Runs in forked processes; see `tests.cli.forked`."""

    def __init__(self, log: Path) -> None:
        self.log = log

    def start(self, library: Path, **words: object) -> int:
        self.log.unlink(missing_ok=True)
        return forked.runner().start(library=str(library), log=str(self.log), **words)

    def ended(self) -> str:
        """How it ended, or nothing if it was killed."""
        code = forked.runner().ended()
        assert code in (0, -signal.SIGKILL)
        return self.log.read_text() if self.log.exists() else ""

    def run(self, library: Path, **words: object) -> str:
        self.start(library, **words)
        return self.ended()


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Runner:
    return Runner(tmp_path_factory.mktemp("log") / "log")


@pytest.fixture(scope="module")
def quiet(
    library: Path, runner: Runner, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, str], float]:
    """What an undisturbed run leaves, and the seconds it takes when kernels are there."""
    lib = tmp_path_factory.mktemp("quiet") / "lib"
    for _ in range(2):
        shutil.rmtree(lib, ignore_errors=True)
        shutil.copytree(library, lib)
        began = time.monotonic()
        assert runner.run(lib)[0] in "01"
    made = digests(lib / "runs" / "0001", *DELIVERED)
    assert len(made) > 25
    return made, time.monotonic() - began


@pytest.fixture
def lib(library: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(library, tmp_path / "lib"))


def same_at_last(lib: Path, made: dict[str, str]) -> None:
    folder = lib / "runs" / "0001"
    assert digests(folder, *DELIVERED) == made
    assert sorted(path.name for path in (lib / "runs").iterdir()) == [".lock", "0001", "latest"]
    assert not (folder / "work").exists()
    assert not list(lib.rglob("*.part"))


def killed(runner: Runner, lib: Path, after: float, **words: object) -> str:
    child = runner.start(lib, **words)
    time.sleep(after)
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    return runner.ended()


@pytest.mark.parametrize("seed", range(30))
def test_killed_anywhere(seed: int, lib: Path, runner: Runner, quiet: tuple[dict[str, str], float]) -> None:
    """At random moments of the whole run, in every third case twice or more; then it goes on."""
    made, seconds = quiet
    draw = random.Random(seed)
    said = killed(runner, lib, draw.uniform(0, seconds))
    for _ in range(draw.randrange(3) if seed % 3 == 0 else 0):
        resume = (lib / "runs" / "0001").exists()
        said = said or killed(runner, lib, draw.uniform(0, seconds), resume=resume)
    if not said:
        for path in (lib / "runs").glob("*/out/**/*.xml"):
            assert path.read_bytes().endswith(b"</collection>\n"), path
        said = runner.run(lib, resume=True)
        if "no run here was cut off" in said and not (lib / "runs" / "0001").exists():
            said = runner.run(lib)  # killed before its folder was there
        elif "no run here was cut off" in said:  # killed when all was done, but for saying so
            assert (lib / "runs" / "latest").read_text() == "0001\n"
            said = "0"
    assert said[0] in "01", said
    same_at_last(lib, made)


def wait_for_parts(lib: Path, count: int, still: Callable[[], bool]) -> None:
    """Until the log of a run has so many lines."""
    log = lib / "runs" / "0001" / "work" / "parts.jsonl"
    until = time.monotonic() + 120
    while time.monotonic() < until and still():
        if log.is_file() and log.read_bytes().count(b"\n") >= count:
            return
        time.sleep(0.002)


def test_interrupted(lib: Path, runner: Runner, quiet: tuple[dict[str, str], float]) -> None:
    """Ctrl-C: exit code 130, and what to do next is said."""
    for _ in range(TRIES):
        shutil.rmtree(lib / "runs", ignore_errors=True)
        words = [sys.executable, "-m", "transformer", "run", lib, "--as-of", str(forked.DAY)]
        process = subprocess.Popen(words, stderr=subprocess.PIPE)
        wait_for_parts(lib, 3, lambda process=process: process.poll() is None)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=120)
        if process.returncode not in (0, 1):
            break
    assert process.returncode == 130, err
    assert b"interrupted" in err
    assert b"Traceback" not in err
    assert f"transformer run {lib} --resume".encode() in err.replace(b"\n", b" ")
    assert runner.run(lib, resume=True)[0] in "01"
    same_at_last(lib, quiet[0])


@pytest.mark.skipif(sys.platform != "linux", reason="a limit on the size of files is set as on Linux")
@pytest.mark.parametrize("room", [6_000, 30_000, 60_000])
def test_the_disk_is_full(lib: Path, runner: Runner, quiet: tuple[dict[str, str], float], room: int) -> None:
    """While bibs are staged, while rows are, and while the delivery is written."""
    typed("run", lib, "--as-of", forked.DAY, room=room).fails(5, f"transformer run {lib} --resume")
    assert not list(lib.rglob("*.part"))
    assert runner.run(lib, resume=True)[0] in "01"
    same_at_last(lib, quiet[0])


def is_there(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def cut_off(lib: Path, runner: Runner, parts: int) -> Path:
    """A run killed when so many lines are in its log; the log."""
    for _ in range(TRIES):
        child = runner.start(lib)
        wait_for_parts(lib, parts, partial(is_there, child))
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        if runner.ended() == "":
            break
        shutil.rmtree(lib / "runs")
    else:
        raise AssertionError("no run could be caught")
    return lib / "runs" / "0001" / "work" / "parts.jsonl"


def test_what_is_damaged_is_done_again(
    lib: Path, runner: Runner, quiet: tuple[dict[str, str], float]
) -> None:
    """A file of a part that was changed or removed, and a last line of the log that was cut off."""
    log = cut_off(lib, runner, 9)
    lines = [json.loads(line) for line in log.read_bytes().splitlines()]
    files = [lib / "runs" / "0001" / name for line in lines[1:] for name, _, _ in line["files"]]
    files[0].write_bytes(files[0].read_bytes()[:-1] + b"?")
    files[-1].unlink()
    with log.open("ab") as file:
        file.write(b'{"part": "bib/000')
    (lib / "runs" / "0001" / "out" / "stray.xml").write_bytes(b"not ours")
    assert runner.run(lib, resume=True)[0] in "01"
    same_at_last(lib, quiet[0])


CHANGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "extract": (lambda lib: (lib / "extracts" / "bib-1.mrc").open("ab").write(b"\n"), "bib-1.mrc had"),
    "same size": (lambda lib: other_byte(lib / "extracts" / "items.csv"), "items.csv has other bytes"),
    "new file": (
        lambda lib: shutil.copy(lib / "extracts" / "bib-0.mrc", lib / "extracts" / "bib-9.mrc"),
        "new",
    ),
    "map": (lambda lib: (lib / "rules" / "maps" / "location.csv").open("a").write("\n"), "maps/location.csv"),
    "project": (lambda lib: (lib / "transformer.toml").open("a").write("\n# a word\n"), "transformer.toml"),
}


def other_byte(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("change", CHANGES)
def test_refused_where_something_changed(lib: Path, runner: Runner, change: str) -> None:
    cut_off(lib, runner, 3)
    before = digests(lib / "runs", "0001")
    make, words = CHANGES[change]
    make(lib)
    said = runner.run(lib, resume=True)
    assert said.startswith("2 "), said
    assert words in said
    assert "without --resume" in said
    assert digests(lib / "runs", "0001") == before


def test_refused_for_another_day_or_where_nothing_was_cut_off(lib: Path, runner: Runner) -> None:
    said = runner.run(lib, resume=True)
    assert said.startswith("2 ") and "no run here was cut off" in said
    cut_off(lib, runner, 2)
    typed("run", lib, "--resume", "--as-of", "2020-01-01").fails(2, "2020-01-01", str(forked.DAY))
    typed("run", lib, "--resume", "--run", "0007").fails(2, "0007")
