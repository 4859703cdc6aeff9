"""Ctrl-C and a killed process at several moments: no half file under a final name, and the next run works."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from lxml import etree

from tests.streaming.sites import make_site

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals are sent as on Unix")

FILE_BYTES = 100 << 20
TRIES = 9
"""On a busy machine a process may be done before the signal is sent: then once more."""


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """About 100 MB of bibs, the same few hundred again and again."""
    folder = tmp_path_factory.mktemp("big")
    site = make_site(folder / "lib", bibs=300, seed=9, dirt=0.0)
    data = (site.extracts / "bib.mrc").read_bytes()
    path = folder / "big.mrc"
    with path.open("wb") as file:
        for _ in range(FILE_BYTES // len(data)):
            file.write(data)
    shutil.rmtree(site.folder)
    yield path
    path.unlink()


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library that takes a second or two to run."""
    return make_site(tmp_path_factory.mktemp("lib") / "lib", bibs=400, seed=9, dirt=0.0).folder


def start(*words: object) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "transformer", *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def hit(process: subprocess.Popen[bytes], end: signal.Signals, is_moment: Callable[[], bool]) -> bytes | None:
    """Send the signal at a moment; what stood on stderr, or nothing where the process was done before."""
    until = time.monotonic() + 120
    while not is_moment() and process.poll() is None and time.monotonic() < until:
        time.sleep(0.001)
    process.send_signal(end)
    _, err = process.communicate(timeout=60)
    return None if process.returncode in (0, 1) else err


@pytest.mark.slow
@pytest.mark.parametrize("written", [1, FILE_BYTES // 2])
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_convert(big: Path, tmp_path: Path, end: signal.Signals, written: int) -> None:
    output, part = tmp_path / "out.xml", tmp_path / ".out.xml.part"

    def is_moment() -> bool:
        return part.exists() and part.stat().st_size >= written

    for _ in range(TRIES):
        process = start("convert", big, output)
        err = hit(process, end, is_moment)
        if err is not None:
            break
        output.unlink()
    assert err is not None
    assert not output.exists()
    if end == signal.SIGINT:
        assert process.returncode == 130, err
        assert b"interrupted" in err
        assert b"Traceback" not in err
        assert list(tmp_path.iterdir()) == []
    else:
        assert process.returncode == -signal.SIGKILL
        assert {path.name for path in tmp_path.iterdir()} <= {".out.xml.part"}


@pytest.mark.slow
def test_a_part_left_by_a_killed_process_is_in_nobodys_way(tmp_path: Path, library: Path) -> None:
    (tmp_path / ".out.xml.part").write_bytes(b"left over")
    process = start("convert", library / "extracts" / "bib.mrc", tmp_path / "out.xml")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert [path.name for path in tmp_path.iterdir()] == ["out.xml"]
    etree.parse(str(tmp_path / "out.xml"))


@pytest.mark.slow
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_run(library: Path, tmp_path: Path, end: signal.Signals) -> None:
    """At the lock, while staging or applying, and while writing; then once undisturbed."""
    lib = Path(shutil.copytree(library, tmp_path / "lib"))
    moments = ("", "out/bib/.bib-0001.xml.part", "out/item")
    number = 0
    for moment in moments:
        for _ in range(TRIES):
            number += 1
            folder = lib / "runs" / f"{number:04d}"
            process = start("run", lib, "--threads", 1)
            err = hit(process, end, (folder / moment).exists)
            if err is not None:
                break
            assert (folder / "manifest.json").exists()
            (lib / "runs" / "latest").unlink()
        assert err is not None
        assert b"Traceback" not in err
        assert process.returncode == (130 if end == signal.SIGINT else -signal.SIGKILL), err
        assert not (folder / "manifest.json").exists()
        for path in (folder / "out").rglob("*.xml"):
            etree.parse(str(path))
        if end == signal.SIGINT:
            assert not list(folder.rglob("*.part"))
    assert not (lib / "runs" / "latest").exists()
    process = start("run", lib, "-q")
    _, err = process.communicate(timeout=120)
    assert process.returncode == 0, err
    last = f"{number + 1:04d}"
    assert (lib / "runs" / "latest").read_text() == f"{last}\n"
    assert (lib / "runs" / last / "manifest.json").exists()
    assert not (lib / "runs" / last / "work").exists()
