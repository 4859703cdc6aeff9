"""Fuzz the readers: `python -m tests.fuzz [--seed N] [--records N]`; `python -m tests.fuzz FILE...` replays.

A failing case lies in `tests/fuzz/found/` (not kept by git) as bytes and as a list of its pieces, made as
small as leaving out pieces makes it. Replaying ends with 0 where it no longer fails.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.fuzz import workers
from tests.fuzz.case import Case, load, save, without
from tests.fuzz.workers import Answer, Job, run

FOUND = Path(__file__).with_name("found")
CONTAINERS = ("iso2709", "marcxml", "aleph_sequential", "marcjson", "mnemonic", "delimited")
LIGHT = 25
"""Of the containers but ISO 2709, one record for so many."""
MEMORY_MOST = 1 << 30
SHRINK_S = 60.0
FAILURES_MOST = 20
SHRUNK_MOST = 4


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


@dataclass
class Seen:
    """What became of one container's cases."""

    damaged: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    peak: int = 0
    elapsed_s: float = 0.0


def jobs(seed: int, wanted: dict[str, int], seen: dict[str, Seen], failures: list[str]) -> Iterator[Job]:
    """Of each container cases 0, 1, 2 ... until so many damaged records were read."""
    for container, most in wanted.items():
        for number in itertools.count():
            if seen[container].damaged >= most or len(failures) >= FAILURES_MOST:
                break
            yield container, seed, number


def fuzz(seed: int, records: int, containers: tuple[str, ...], processes: int) -> int:
    """Run all containers; the number of failures."""
    began = time.monotonic()
    wanted = {c: records if c == "iso2709" else max(200, records // LIGHT) for c in containers}
    seen = {container: Seen() for container in containers}
    failures: list[str] = []
    for found in run(jobs(seed, wanted, seen, failures), processes):
        assert not isinstance(found.job, Case)
        one = seen[found.job[0]]
        one.kinds += found.kinds
        one.counts += found.counts
        one.damaged += sum(found.kinds.values())
        one.peak = max(one.peak, found.peak)
        one.elapsed_s += found.elapsed_s
        if not found.why and found.peak > MEMORY_MOST:
            found.why = f"{found.peak >> 20} MiB of memory"
        if found.why:
            failures.append(found.why)
            tell(found, len(failures) <= SHRUNK_MOST)
    for container, one in seen.items():
        say(f"{container}: {one.damaged:,} damaged records, {one.elapsed_s:.0f} s of one process; "
            f"spans: {spelled(one.counts)}; peak {one.peak >> 20} MiB")  # fmt: skip
        say(f"  {spelled(one.kinds)}")
    total = sum(one.damaged for one in seen.values())
    say(f"seed {seed}: {total:,} damaged records, {len(failures)} failures, "
        f"{time.monotonic() - began:.0f} s")  # fmt: skip
    return len(failures)


def spelled(counts: Counter[str]) -> str:
    """Kinds with their counts; what was damaged twice under its first accident."""
    merged = Counter[str]()
    for kind, count in counts.items():
        merged[kind.partition("+")[0]] += count
    return ", ".join(f"{kind} {merged[kind]:,}" for kind in sorted(merged))


def tell(found: Answer, smaller: bool) -> None:
    """Keep a failing case, as small as it gets, and say how to run it again."""
    case = workers.made(found.job)
    if smaller:
        case = shrunk(case)
    path = save(case, FOUND, found.why)
    say(f"FAILED {case.name}: {found.why}\n  again: {sys.executable} -m tests.fuzz {path}")


def shrunk(case: Case) -> Case:
    """The case without the pieces that it fails without, as far as that is found out in a minute."""
    until = time.monotonic() + SHRINK_S
    size = max(1, len(case.pieces) // 2)
    while size and time.monotonic() < until:
        at = 0
        while at < len(case.pieces) and time.monotonic() < until:
            tries = [without(case, begin, begin + size) for begin in range(at, len(case.pieces), size)]
            failing = next((a.job for a in run(iter(tries[:1]), 1) if a.why), None)
            if isinstance(failing, Case):
                case = failing
            else:
                at += size
        size //= 2
    return case


def replay(paths: list[Path]) -> int:
    """Read kept cases again; how many still fail."""
    failing = 0
    for path, found in zip(paths, run((load(path) for path in paths), 1), strict=True):
        failing += bool(found.why)
        say(f"{path.name}: {found.why or 'all holds'}")
    return failing


def main() -> int:
    words = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    words.add_argument("files", nargs="*", type=Path, help="kept cases to replay")
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--records", type=int, default=1_000_000, help="damaged records of ISO 2709")
    words.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    words.add_argument("--only", choices=CONTAINERS, action="append", help="these containers only")
    said = words.parse_args()
    if said.files:
        return min(replay(said.files), 1)
    return min(fuzz(said.seed, said.records, tuple(said.only or CONTAINERS), said.processes), 1)


if __name__ == "__main__":
    sys.exit(main())
