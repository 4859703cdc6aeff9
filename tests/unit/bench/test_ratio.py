"""Losses by a clock that is told what to say: 0.1 s a reference loop, and so much a piece of work."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import ratio


def pair(*work_s: float) -> ratio.Pair:
    """Work of so many tenths of a second, the last for ever; a loop of one, or of three when disturbed."""
    now = [0.0]
    seconds = [second / 10 for second in work_s]

    def work() -> None:
        now[0] += seconds.pop(0) if len(seconds) > 1 else seconds[0]

    loops: Iterator[float] = iter([0.3, 0.1, 0.3])

    def loop() -> None:
        now[0] += next(loops, 0.1)

    return ratio.Pair(work, lambda: now[0], loop)


def test_a_kernel_made_slower_on_purpose_is_a_loss() -> None:
    assert ratio.loss(pair(2.4), kept=2.0) == pytest.approx(0.2)
    assert ratio.LIMIT < 0.2


def test_a_loss_within_the_limit_and_a_gain_are_none() -> None:
    assert ratio.loss(pair(2.2), kept=2.0) == pytest.approx(0.1)
    assert ratio.loss(pair(1.0), kept=2.0) == pytest.approx(-0.5)


def test_noise_that_passes_is_no_loss() -> None:
    """Two series of rounds are disturbed, the third is not."""
    noisy = [9.0] * (2 * ratio.ROUNDS) + [2.1]
    assert ratio.loss(pair(*noisy), kept=2.0) == pytest.approx(0.05)
    assert ratio.loss(pair(*noisy), kept=2.0, series=1) > 1


def test_ratios_are_kept_by_processor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ratio, "KEPT", tmp_path / "kept.json")
    assert ratio.read_kept() == ("", {})
    monkeypatch.setattr(ratio, "processor", lambda: "One")
    ratio.write_kept({"b": 2.00004, "a": 1.0})
    ratio.write_kept({"b": 3.0})
    assert ratio.read_kept() == ("One", {"a": 1.0, "b": 3.0})
    monkeypatch.setattr(ratio, "processor", lambda: "Other")
    ratio.write_kept({"c": 1.0})
    assert ratio.read_kept() == ("Other", {"c": 1.0})
