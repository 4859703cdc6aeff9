"""What the bench keeps of its sections, with sections that measure nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bench import growth, report
from bench.measure import Failed, Sample, summary

RUNS = {"wall_s": 2.0, "cpu_s": 2.0, "peak_mib": 100.0, "spread": 0.1, "runs": 3}


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Runs `report.main` with words; returns what stands in the README then."""
    (tmp_path / "README.md").write_text(f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n", "utf-8")
    monkeypatch.setattr(report, "README", tmp_path / "README.md")
    monkeypatch.setattr(report, "RESULTS", tmp_path / "results")
    monkeypatch.setattr(report, "Bench", lambda *_: None)
    rounds = iter((4.0, 8.0, 9.0))

    def cold() -> dict[str, float]:
        first = next(rounds)
        return {"cold_s": first, "warm_s": 1.0, "more_s": first - 1}

    def stages() -> dict[str, Any]:
        return {"records": 5, "stages": {"read": {"gb_per_s": 1.25, "share_of_copy": 0.5}}}

    def broken() -> None:
        raise Failed("no room")

    made = {"cold": cold, "stages": stages, "peers": broken}
    monkeypatch.setattr(report, "sections", lambda _: made)

    def run(*words: str) -> str:
        run.status = report.main(list(words))  # type: ignore[attr-defined]
        return (tmp_path / "README.md").read_text("utf-8")

    return run


def test_one_section_keeps_what_the_others_found(bench: Callable[..., str], tmp_path: Path) -> None:
    assert "4.0 s and 1.0 s" in bench("--only", "cold")
    both = bench("--only", "stages")
    assert "4.0 s and 1.0 s" in both
    assert "| read | 1.25 | 50% |" in both
    assert "8.0 s and 1.0 s" in (text := bench("--only", "cold"))
    assert "| read | 1.25 |" in text
    assert text.startswith("before\n")
    assert text.endswith("\nafter\n")
    kept = tmp_path / "results" / "stages.json"
    kept.write_text(json.dumps(json.loads(kept.read_bytes()) | {"date": "2001-02-03"}), "utf-8")
    assert "(Measured on 2001-02-03.)" in bench("--only", "cold")


def test_a_section_that_fails_costs_only_itself(bench: Callable[..., str], tmp_path: Path) -> None:
    text = bench()
    assert bench.status == 1  # type: ignore[attr-defined]
    assert "4.0 s" in text
    assert "| read |" in text
    assert not (tmp_path / "results" / "peers.json").exists()


def test_little_benches_keep_nothing(bench: Callable[..., str], tmp_path: Path) -> None:
    assert "old" in bench("--records", "2000", "--only", "cold")
    assert not list(tmp_path.glob("results/*"))


def test_an_unknown_section_is_said(bench: Callable[..., str], capsys: pytest.CaptureFixture[str]) -> None:
    bench("--only", "growht")
    assert bench.status == 2  # type: ignore[attr-defined]
    assert "cold, stages, peers" in capsys.readouterr().out


class Setting:
    """As much of a Bench as growth asks for."""

    def __init__(self, scratch: Path) -> None:
        self.records, self.rounds, self.scratch = 1000, 1, scratch


def test_growth_cleans_up_and_says_what_the_disk_cannot_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []

    def convert(_: Any, records: int, folder: Path) -> dict[str, Any]:
        (folder / "out.xml").write_bytes(b"x")
        seen.append(records)
        return summary([Sample(records / 1000, 1.0, 10.0)])

    monkeypatch.setattr(growth, "_convert", convert)
    monkeypatch.setattr(
        growth.shutil, "disk_usage", lambda _: type("Usage", (), {"free": growth.RESERVE + 20_000_000})
    )
    found = growth.growth(Setting(tmp_path), "convert")  # type: ignore[arg-type]
    assert seen == [100, 1000, 3000]
    assert not list(tmp_path.iterdir())
    lines = growth.lines(found, "convert")
    assert lines[-2:] == [
        "| 3,000 | 3.0 | 10 | 3 times, 3.00 times |",
        "| 4,000 | left out: needs 2.2 GB of disk, 2.2 GB are free | | |",
    ]
    little = growth.lines([{**one, "little": one} for one in found[:2]], "run")
    assert little[2].endswith("| seconds, peak MiB with `--memory 2GiB` |")
    assert little[-1] == "| 1,000 | 1.0 | 10 | 10 times, 10.00 times | 1.0, 10 |"
