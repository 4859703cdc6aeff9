"""Does time follow the number of records, and memory not? `convert` and `run` at growing sizes.

    python -m bench.growth [--records N] [--rounds N] [--scratch FOLDER]

Files are made when their turn comes and removed after it. A size for which the disk has no room is left out,
and the reason told: DISK bytes a bib are needed, extracts and all that is written, measured at 21,000 bibs.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import extracts, measure
from bench.measure import Command
from bench.peers import PROGRAM, Bench, arguments
from bench.whole import LITTLE, run_once, site

SIZES = {"convert": (0.1, 1, 3, 4), "run": (0.1, 1, 3)}
DISK = {"convert": 6_500, "run": 11_000}
"""6,160 and 9,480 were needed; a run of a large library may put tables aside on the disk."""
RESERVE = 2 << 30
"""Bytes of the disk that stay free."""

Measured = dict[str, Any]


Act = Callable[[Bench, int, Path], Measured]


def growth(bench: Bench, what: str, sizes: tuple[float, ...] | None = None) -> list[Measured]:
    """One entry a size: records, wall_s, cpu_s (medians), peak_mib (the largest), or `left_out`: why.

    Of a run also `little`: the same with little memory, once.
    """
    act: Act = {"convert": _convert, "run": _run}[what]
    made = []
    for size in sizes or SIZES[what]:
        records = round(size * bench.records)
        free, needed = shutil.disk_usage(bench.scratch).free, records * DISK[what] + RESERVE
        if free < needed:
            why = f"needs {needed / 1e9:.1f} GB of disk, {free / 1e9:.1f} GB are free"
            made.append({"records": records, "left_out": why})
        else:
            made.append({"records": records, **_measured(bench, act, records)})
        print(f"  {what}: {made[-1]}", flush=True)
    return made


def _measured(bench: Bench, act: Act, records: int) -> Measured:
    """Measures in a folder of its own, which is gone afterwards."""
    folder = bench.scratch / "growth"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        return act(bench, records, folder)
    finally:
        shutil.rmtree(folder)


def _rounds(bench: Bench, records: int) -> int:
    """The largest sizes once or twice: they take minutes, in which noise evens out."""
    return bench.rounds if records <= bench.records else min(bench.rounds, 2)


def _convert(bench: Bench, records: int, folder: Path) -> Measured:
    source, _ = extracts.bib_file(records, folder)
    out = folder / "out.xml"
    command = Command([PROGRAM, "convert", "--quiet", str(source), str(out)], outputs=(out,), env=bench.env)
    return measure.summary([measure.run(command) for _ in range(_rounds(bench, records))])


def _run(bench: Bench, records: int, folder: Path) -> Measured:
    library, key = site(records, folder, work=folder)
    samples = [run_once(library, bench.scratch, key) for _ in range(min(3, _rounds(bench, records)))]
    little = run_once(library, bench.scratch, key, LITTLE)
    return {**measure.summary(samples), "little": measure.summary([little])}


def lines(found: list[Measured], what: str) -> list[str]:
    """The Markdown of it: how often the time and the records of the step before."""
    little = any("little" in row for row in found)
    made = [
        f"Growth of `transformer {what}`:",
        "",
        "| bibs | seconds | peak MiB | records, time beside the row above |"
        + (f" seconds, peak MiB with `--memory {LITTLE}` |" if little else ""),
        "|--:|--:|--:|--:|" + "--:|" * little,
    ]
    before: Measured | None = None
    for row in found:
        if "left_out" in row:
            made.append(f"| {row['records']:,} | left out: {row['left_out']} | | |" + " |" * little)
            continue
        told = ""
        if before:
            often, longer = row["records"] / before["records"], row["wall_s"] / before["wall_s"]
            told = f"{often:.2g} times, {longer:.2f} times"
        line = f"| {row['records']:,} | {row['wall_s']:.1f} | {row['peak_mib']:,.0f} | {told} |"
        if little:
            line += f" {row['little']['wall_s']:.1f}, {row['little']['peak_mib']:,.0f} |"
        made.append(line)
        before = row
    return made


if __name__ == "__main__":
    chosen = arguments()
    setting = Bench(chosen.records, chosen.scratch, chosen.rounds)
    for name in SIZES:
        if not chosen.only or name in chosen.only:
            print("\n".join(lines(growth(setting, name), name)))
