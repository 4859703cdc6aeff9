"""A command as a user types it, in a process of its own whose memory and time are measured."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.memory import BETWEEN

ROOT = Path(__file__).resolve().parents[2]
USUAL_S = 120.0
MEMORY_MOST = 900 << 20
"""A conversion of anything stays below this: two workers with a partition each, the interpreter, the kernels'
machine code."""


@dataclass(frozen=True)
class Said:
    """How a command ended. peak: bytes of memory that it had at most."""

    exit_code: int
    out: str
    err: str
    peak: int
    elapsed_s: float

    def fails(self, exit_code: int, *words: str) -> None:
        """It ended with this code, said all these words once in one message, and no line of a traceback."""
        assert self.exit_code == exit_code, self
        for word in words:
            assert word in self.err, (word, self.err)
        assert self.err.count("transformer: ") == 1, self.err
        self.stays_calm()

    def stays_calm(self, memory: int = MEMORY_MOST) -> None:
        """No traceback, no mistake of ours, memory bounded."""
        assert "Traceback" not in self.err, self.err
        assert "not yours" not in self.err, self.err
        assert self.peak < memory, f"{self.peak >> 20} MiB"


def typed(*words: object, given: bytes | IO[bytes] | None = None, limit_s: float = USUAL_S) -> Said:
    """Run `python -m transformer WORDS`. given: what stands on standard input."""
    return run("-m", "transformer", *words, given=given, limit_s=limit_s)


def run(*words: object, given: bytes | IO[bytes] | None = None, limit_s: float = USUAL_S) -> Said:
    """Run Python with these words; killed after so many seconds, its exit code is -9 then."""
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory() as folder,
        tempfile.TemporaryFile() as into,
        tempfile.TemporaryFile() as out,
        tempfile.TemporaryFile() as err,
    ):
        if isinstance(given, bytes):
            into.write(given)
            into.seek(0)
        told = Path(folder) / "peak"
        asked = [os.fsencode(word) if isinstance(word, Path) else str(word) for word in words]
        process = subprocess.Popen(
            [sys.executable, "-S", "-E", "-c", BETWEEN, told, sys.executable, *asked],
            cwd=ROOT,
            stdin=into if given is None or isinstance(given, bytes) else given,
            stdout=out,
            stderr=err,
            env={**os.environ, "COLUMNS": "200"},
            start_new_session=True,
        )
        try:
            process.wait(limit_s)
            peak = int(told.read_text())
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            peak = 0
        out.seek(0)
        err.seek(0)
        said = (
            out.read().decode("utf-8", "backslashreplace"),
            err.read().decode("utf-8", "backslashreplace"),
        )
    return Said(process.returncode, *said, peak, time.monotonic() - began)
