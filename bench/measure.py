"""Runs commands as whole processes, start-up included, and tells wall time, processor time and peak memory.

    samples = interleaved({"ours": Command(...), "theirs": Command(...)}, rounds=5)

Each round runs every command once, in turn, so that a noisy minute hits all alike. Before each run its old
outputs are removed and dirty pages are written back, so that nobody pays for another's output.

Peak memory is ru_maxrss as wait4 tells it: the largest process of the command's tree that it waited for.
A process inherits the peak of the one it was forked from, so commands are started by a small helper (this
file, run with `-I -S`: 12 MiB) rather than by a program that holds pyarrow. Linux and macOS only.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

MIB = 1 << 20


class Command:
    """What to run. stdout: file for what it prints, or None for nowhere. outputs: removed before each run
    (files or globs such as `out*.xml`). env: added to the environment. ends: exit statuses that are well."""

    def __init__(
        self,
        argv: list[str],
        *,
        stdout: Path | None = None,
        outputs: tuple[Path, ...] = (),
        env: Mapping[str, str] | None = None,
        ends: tuple[int, ...] = (0,),
    ) -> None:
        self.argv = argv
        self.stdout = stdout
        self.outputs = outputs + ((stdout,) if stdout else ())
        self.env = dict(env or {})
        self.ends = ends

    def clear(self) -> None:
        """Removes the outputs."""
        for output in self.outputs:
            for path in output.parent.glob(output.name):
                path.unlink()


class Sample:
    """One run: wall_s, cpu_s (user and system, children included), peak_mib."""

    def __init__(self, wall_s: float, cpu_s: float, peak_mib: float) -> None:
        self.wall_s, self.cpu_s, self.peak_mib = wall_s, cpu_s, peak_mib


class Failed(Exception):
    """A command of a bench did not end with exit 0."""


def run(command: Command) -> Sample:
    """Runs the command once. Raises Failed with what it printed to stderr."""
    import subprocess
    import tempfile

    command.clear()
    os.sync()
    with tempfile.NamedTemporaryFile(prefix="bench-", suffix=".err") as errors:
        job = {
            "argv": command.argv,
            "stdout": str(command.stdout or os.devnull),
            "stderr": errors.name,
            "env": {**os.environ, **command.env},
        }
        helper = [sys.executable, "-I", "-S", str(Path(__file__).resolve())]
        done = subprocess.run(helper, input=json.dumps(job), capture_output=True, text=True, check=True)
        told = json.loads(done.stdout)
        if told["exit"] not in command.ends:
            last = Path(errors.name).read_text("utf-8", "replace")[-2000:]
            raise Failed(f"{' '.join(command.argv)} ended with {told['exit']}:\n{last}")
    return Sample(told["wall_s"], told["cpu_s"], told["peak_mib"])


def interleaved(
    commands: Mapping[str, Command], rounds: int = 5, say: Callable[[str], None] = print
) -> dict[str, list[Sample]]:
    """Every command `rounds` times, in turns. Order of commands as given."""
    samples: dict[str, list[Sample]] = {name: [] for name in commands}
    for number in range(rounds):
        for name, command in commands.items():
            sample = run(command)
            samples[name].append(sample)
            say(f"  {number + 1}/{rounds} {name}: {sample.wall_s:.2f} s, {sample.peak_mib:.0f} MiB")
    return samples


def summary(samples: list[Sample]) -> dict[str, float]:
    """Medians, and the spread of wall times as (slowest - fastest) / median; the largest peak."""
    walls = [sample.wall_s for sample in samples]
    median = statistics.median(walls)
    return {
        "wall_s": median,
        "cpu_s": statistics.median(sample.cpu_s for sample in samples),
        "peak_mib": max(sample.peak_mib for sample in samples),
        "spread": (max(walls) - min(walls)) / median,
        "runs": len(samples),
    }


def _once(job: dict[str, object]) -> dict[str, float]:
    """Starts the command of a job and waits for it."""
    actions = [
        (os.POSIX_SPAWN_OPEN, 1, job["stdout"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644),
        (os.POSIX_SPAWN_OPEN, 2, job["stderr"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644),
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
    ]
    argv = [str(word) for word in job["argv"]]  # type: ignore[attr-defined]
    start = time.perf_counter()
    child = os.posix_spawnp(argv[0], argv, job["env"], file_actions=actions)  # type: ignore[arg-type]
    _, status, used = os.wait4(child, 0)
    wall = time.perf_counter() - start
    unit = 1 if sys.platform == "darwin" else 1024
    return {
        "wall_s": wall,
        "cpu_s": used.ru_utime + used.ru_stime,
        "peak_mib": used.ru_maxrss * unit / MIB,
        "exit": os.waitstatus_to_exitcode(status),
    }


if __name__ == "__main__":
    print(json.dumps(_once(json.load(sys.stdin))))
