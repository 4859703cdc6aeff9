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
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.streaming.sites import digests, make_site

pytestmark = pytest.mark.skipif(os.name == "nt", reason="processes are forked and killed as on Unix")

DELIVERED = ("out", "set-aside", "tables")
SETTINGS = '\n[output]\nbibs_per_file = 60\n[extract.bib]\nfiles = ["extracts/bib-*.mrc"]\n'


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library of many parts: bibs in four files, delivered in files of 60."""
    site = make_site(tmp_path_factory.mktemp("made") / "lib", bibs=400, seed=11, dirt=0.05, settings=SETTINGS)
    whole = site.extracts / "bib.mrc"
    records = [record + b"\x1d" for record in whole.read_bytes().split(b"\x1d")[:-1]]
    for number in range(3):
        part = records[number * 100 : number * 100 + 100]
        (site.extracts / f"bib-{number}.mrc").write_bytes(b"".join(part))
    (site.extracts / "bib-3.mrc").write_bytes(b"".join(records[300:]))
    whole.unlink()
    return site.folder


class Runner:
    """Runs in forked processes; see `tests.cli.forked`."""

    def __init__(self, log: Path) -> None:
        self.log = log
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.cli.forked"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )

    def start(self, library: Path, **words: object) -> int:
        assert self.process.stdin and self.process.stdout
        self.log.unlink(missing_ok=True)
        self.process.stdin.write(json.dumps({"library": str(library), "log": str(self.log), **words}) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def ended(self) -> str:
        """How it ended, or nothing if it was killed."""
        assert self.process.stdout
        assert self.process.stdout.readline() == "ended\n"
        return self.log.read_text() if self.log.exists() else ""

    def run(self, library: Path, **words: object) -> str:
        self.start(library, **words)
        return self.ended()


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runner]:
    made = Runner(tmp_path_factory.mktemp("log") / "log")
    yield made
    assert made.process.stdin
    made.process.stdin.close()
    made.process.wait()


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


MORE = [pytest.param(seed, marks=pytest.mark.slow) for seed in range(12, 42)]


@pytest.mark.parametrize("seed", [*range(12), *MORE])
def test_killed_anywhere(seed: int, lib: Path, runner: Runner, quiet: tuple[dict[str, str], float]) -> None:
    """At random moments, in every third case twice or more; then it goes on."""
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
        if "no run here was cut off" in said:  # killed before its folder was there
            assert not (lib / "runs" / "0001").exists()
            said = runner.run(lib)
    assert said[0] in "01", said
    same_at_last(lib, made)
