"""Holds every kernel against its kept ratio to a reference loop: `make bench-check`, `make bench-keep`.

With BENCH_RATIOS=check or keep in the environment the fixture `benchmark` measures pairs (bench.ratio), not
times; without, it is that of pytest-benchmark. Peers and bare copies are left out: they are nobody's loss.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from bench import ratio

PEERS = ("copy", "pymarc", "arrow", "sha256", "python", "lxml")
WANTED = os.environ.get("BENCH_RATIOS", "")
_found: dict[str, float] = {}


class Held(BenchmarkFixture):
    """Stands for the plugin's fixture: measures the work as a pair and holds it against the kept ratio."""

    def __init__(self, name: str, kept: float | None) -> None:
        self.extra_info: dict[str, Any] = {}
        self.stats: Any = self
        self.min = float("inf")
        self._name, self._kept = name, kept

    def pedantic(self, work: Callable[[], Any], **_: Any) -> None:
        """Any number of rounds asked for is too few or too many here: `bench.ratio` says how many."""
        work()
        if self._kept is None:  # the middle of three: a lucky one would be held against all later ones
            pairs = [ratio.Pair(work) for _ in range(3)]
            self._tell(sorted(pairs, key=lambda pair: pair.measure())[1])
            return
        pair = ratio.Pair(work)
        loss = ratio.loss(pair, self._kept)
        self._tell(pair)
        if loss > ratio.LIMIT:
            pytest.fail(
                f"{self._name} takes {loss:.0%} more than the kept {self._kept:.3g} times the reference loop "
                f"(limit {ratio.LIMIT:.0%}). If that is the price of something: make bench-keep",
                pytrace=False,
            )

    def _tell(self, pair: ratio.Pair) -> None:
        self.min = pair.work_s
        _found[self._name] = pair.work_s / pair.loop_s


@pytest.fixture
def benchmark(request: pytest.FixtureRequest, benchmark: Any) -> Any:
    """The fixture of pytest-benchmark, or one that holds ratios."""
    if not WANTED:
        return benchmark
    benchmark.skipped = True  # the plugin's own is not asked
    check = WANTED == "check"
    name = request.node.nodeid.rpartition("/")[2]
    if any(peer in request.node.name for peer in PEERS):
        pytest.skip("a peer or a bare copy")
    model, kept = ratio.read_kept()
    if check and model != ratio.processor():
        pytest.skip(f"kept for {model or 'no processor'}, this is {ratio.processor()}: make bench-keep")
    if check and name not in kept:
        pytest.fail(f"{name} has no kept ratio: make bench-keep", pytrace=False)
    return Held(name, kept[name] if check else None)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Says how far the ratios lie from the kept ones."""
    kept = ratio.read_kept()[1]
    if WANTED == "check" and _found:
        off = sorted((found / kept[name] - 1, name) for name, found in _found.items())
        middle, (worst, name) = off[len(off) // 2][0], off[-1]
        terminalreporter.write_line(
            f"{len(off)} beside what is kept: median {middle:+.0%}, {name} {worst:+.0%}"
        )


def pytest_sessionfinish() -> None:
    """Keeps what was found, if that was asked for."""
    if WANTED == "keep" and _found:
        ratio.write_kept(_found)
