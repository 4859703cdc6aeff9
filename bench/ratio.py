"""How dear a piece of work is beside a reference loop in the same process, and whether it became dearer.

Machines are noisy, and seconds of two days say little. So work and reference take turns, seconds are those of
the processor, the fastest of several rounds counts on both sides, and only their ratio is kept. What seems
slower than kept is measured again, up to `SERIES` times, before it is said: noise passes, a loss stays.
"""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

KEPT = Path(__file__).with_name("kernels") / "kept.json"
LIMIT = 0.15
"""A loss over this share of the kept ratio fails."""
ROUNDS = 5
SERIES = 6
MOST = 50
"""What is short is repeated so often at most."""
SHORT_S, LONG_S = 0.04, 1.0
_BYTES = bytes(range(256)) * (1 << 15)

Clock = Callable[[], float]


def reference() -> int:
    """The reference loop: a copy and a checksum of 8 MiB, about half memory and half arithmetic."""
    return zlib.crc32(bytearray(_BYTES))


class Pair:
    """Fastest seconds of a piece of work and of the reference loop, in turns.

    What is short is repeated until it takes SHORT_S, and the loop until it takes about a quarter of the work:
    a short one slips through gaps in noise that a long one cannot. What is long is measured twice a series.
    """

    def __init__(
        self, work: Callable[[], Any], clock: Clock = time.process_time, loop: Callable[[], Any] = reference
    ) -> None:
        self._work, self._loop, self._clock = work, loop, clock
        self.work_s = self.loop_s = float("inf")
        self._works = self._loops = 0

    def measure(self, rounds: int = ROUNDS) -> float:
        """Measures so many rounds more; returns the ratio of the fastest so far."""
        if not self._works:
            work_s, loop_s = self._seconds(self._work, 1), self._seconds(self._loop, 1)
            self._works = max(1, round(SHORT_S / max(work_s, SHORT_S / MOST)))
            self._loops = min(MOST, max(1, round(work_s * self._works / loop_s / 4)))
            self._long = work_s > LONG_S
        for _ in range(min(rounds, 2) if self._long else rounds):
            self.loop_s = min(self.loop_s, self._seconds(self._loop, self._loops))
            self.work_s = min(self.work_s, self._seconds(self._work, self._works))
        return self.work_s / self.loop_s

    def _seconds(self, act: Callable[[], Any], times: int) -> float:
        start = self._clock()
        for _ in range(times):
            act()
        return (self._clock() - start) / times


def loss(pair: Pair, kept: float, limit: float = LIMIT, series: int = SERIES) -> float:
    """The share by which the pair's ratio lies over the kept one (below 0: a gain), after up to `series`
    times `ROUNDS`: no more than are needed to come within the limit."""
    found = 0.0
    for _ in range(series):
        found = pair.measure() / kept - 1
        if found <= limit:
            break
    return found


def processor() -> str:
    """The processor's name, which kept ratios hold for."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text("utf-8").splitlines() if info.is_file() else []
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown"
    )


def read_kept() -> tuple[str, dict[str, float]]:
    """The processor and the ratios by name; nothing if none are kept."""
    if not KEPT.is_file():
        return "", {}
    told = json.loads(KEPT.read_bytes())
    return told["processor"], told["ratios"]


def write_kept(ratios: dict[str, float]) -> None:
    """Keeps these ratios beside those of other names, if they are of the same processor."""
    model, before = read_kept()
    kept = (before if model == processor() else {}) | ratios
    rounded = {name: float(f"{kept[name]:.4g}") for name in sorted(kept)}
    KEPT.write_text(json.dumps({"processor": processor(), "ratios": rounded}, indent=2) + "\n", "utf-8")
