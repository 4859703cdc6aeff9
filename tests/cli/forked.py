"""Commands and runs in processes that are there at once: forked from one that has loaded everything.

As a program: reads a line of JSON from standard input for each process, forks, and writes the child's number
to standard output; when the child has ended, its wait status. A line is one of

- `{"library", "log", ...}` with further words for `api.run`; the child writes how it ended to `log`: its exit
  code, then what was said.
- `{"typed", "folder", "out", "err", "room"}`: the words of a command, where it is typed, the files that get
  what it says, and the bytes that any file may have at most (or null), which stands in for a full disk.

A fresh process takes a second to start, a fork none, so that dozens of runs can be killed in a test, and
every mistake can be typed as a user types it. `python -m transformer` itself is for test_process.py.
"""

from __future__ import annotations

import atexit
import datetime
import importlib
import json
import os
import pkgutil
import subprocess
import sys
import traceback
from functools import cache
from pathlib import Path
from typing import Any

import transformer

DAY = datetime.date(2026, 6, 30)


class Runner:
    """Asks the program. One process at a time."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.cli.forked"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )

    def start(self, **words: Any) -> int:
        """The number of the process that does it."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(json.dumps(words) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def ended(self) -> int:
        """Waits for it; its exit code, below 0 where a signal ended it."""
        assert self.process.stdout
        return os.waitstatus_to_exitcode(int(self.process.stdout.readline()))

    def close(self) -> None:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


@cache
def runner() -> Runner:
    """The one of this test run."""
    made = Runner()
    atexit.register(made.close)
    return made


def main() -> None:
    import duckdb  # noqa: F401
    import lxml.etree  # noqa: F401
    import pyarrow.dataset  # noqa: F401
    import pydantic  # noqa: F401

    for module in pkgutil.walk_packages(transformer.__path__, "transformer."):
        importlib.import_module(module.name)

    for line in sys.stdin:
        words = json.loads(line)
        child = os.fork()
        if child:
            sys.stdout.write(f"{child}\n")
            sys.stdout.flush()
            _, status = os.waitpid(child, 0)
            sys.stdout.write(f"{status}\n")
            sys.stdout.flush()
            continue
        try:
            code = command(**words) if "typed" in words else run_of(**words)
        except BaseException:
            traceback.print_exc()
            code = 99
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def run_of(library: str, log: str, **words: Any) -> int:
    from transformer import api
    from transformer.errors import TransformerError

    try:
        code, said = api.run(Path(library), **{"as_of": DAY, "threads": 2, **words}).exit_code, ""
    except TransformerError as error:
        code, said = error.exit_code, str(error)
    except BaseException as error:
        code, said = 99, repr(error)
    Path(log).write_text(f"{code} {said}")
    return 0


def command(typed: list[str], folder: str, out: str, err: str, room: int | None) -> int:
    from transformer.cli.main import main

    os.environ["COLUMNS"] = "200"
    os.chdir(folder)
    for number, name in ((0, os.devnull), (1, out), (2, err)):
        os.dup2(os.open(name, os.O_RDWR | os.O_CREAT), number)
    if room is not None:
        import resource
        import signal

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
    return main(typed)


if __name__ == "__main__":
    main()
