"""Runs the whole bench and writes the table into README.md, between the `<!-- bench -->` marks.

    python -m bench.report [--records N] [--rounds N] [--only SECTION ...] [--scratch FOLDER]

Sections, the quick ones first: cold, stages, peers, whole, whole-koha, whole-symphony, bytes, rules,
growth-convert, growth-run; without `--only` all. What a section found is kept in bench/results/SECTION.json
with its day, and after each the table is written from all that is kept: sections can be measured one by one,
and a bench that is stopped leaves a table. With fewer than 1,000,000 records nothing is kept, only printed.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bench import bytes as other_bytes
from bench import extracts
from bench import rules as rule_engine
from bench.compare import Different
from bench.growth import growth
from bench.growth import lines as growth_lines
from bench.measure import Failed
from bench.peers import Bench, arguments, cold_start, peers
from bench.stages import stages
from bench.whole import LITTLE, SYSTEMS, whole

RESULTS = extracts.ROOT / "bench" / "results"
README = extracts.ROOT / "README.md"
BEGIN, END = "<!-- bench -->", "<!-- /bench -->"
FULL = 1_000_000
TITLES = {
    "convert": "`transformer convert` to MARCXML",
    "convert --parts 2": "the same, `--parts 2`",
    "copy": "copy of that MARCXML, 1 MiB at a time (the limit)",
    "yaz-marcdump": "`yaz-marcdump -i marc -o marcxml`",
    "pymarc": "pymarc to MARCXML (first 20,000)",
    "MARC::Record": "MARC::Record (Perl) to MARCXML (first 20,000)",
    "tables": "all three tables, `transformer.scan`",
    "yaz-marcdump -n": "`yaz-marcdump -n` (reads only)",
    "columns": "seven columns to Parquet, `convert --columns`",
}
# name of the ratio: (goal, whether more is better)
GOALS = {
    "convert / yaz-marcdump": (9.0, True),
    "convert / pymarc": (100.0, True),
    "convert / MARC::Record": (None, True),
    "time of convert --parts 2 / copy": (1.7, False),
    "time of convert / copy": (None, False),
    "convert --parts 2 / yaz-marcdump": (None, True),
    "tables / yaz-marcdump -n": (1.5, True),
    "columns / yaz-marcdump": (10.0, True),
}


def machine() -> dict[str, str]:
    """Hardware and versions."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        lines = [
            line.partition(":")[2].strip()
            for line in info.read_text().splitlines()
            if line.startswith("model name")
        ]
        model = lines[0] if lines else model
    pages = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    yaz = subprocess.run(["yaz-marcdump", "-V"], capture_output=True, text=True, check=False).stdout
    names = ("transformer", "numba", "numpy", "pyarrow", "duckdb", "pymarc")
    return {
        "cpu": f"{model}, {os.cpu_count()} cores, {pages / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        "versions": ", ".join(f"{name} {version(name)}" for name in names),
        "yaz": yaz.removeprefix("YAZ version: ").split(" ")[0],
        "date": date.today().isoformat(),
    }  # fmt: skip


def sections(setting: Bench) -> dict[str, Callable[[], Any]]:
    """What can be run, by name, the quick ones first."""
    few = min(3, setting.rounds)
    made: dict[str, Callable[[], Any]] = {
        "cold": lambda: cold_start(setting),
        "stages": lambda: stages(min(setting.records, 100_000), setting.rounds),
        "peers": lambda: peers(setting),
    }
    for system in SYSTEMS:
        made[_whole_name(system)] = partial(whole, setting.records, setting.scratch, few, system)
    return made | {
        "bytes": lambda: other_bytes.run(setting),
        "rules": lambda: rule_engine.rules(setting.records, setting.scratch, few),
        "growth-convert": lambda: growth(setting, "convert"),
        "growth-run": lambda: growth(setting, "run"),
    }


def _whole_name(system: str) -> str:
    return "whole" if system == SYSTEMS[0] else f"whole-{system}"


def table(found: dict[str, Any]) -> str:
    """The Markdown of everything that was found: by section, {"date": ISO, "found": ...}; and the machine."""
    lines: list[str] = []
    today = ""
    if "machine" in found:
        m = found["machine"]
        today = m["date"]
        lines += [f"{m['cpu']}; {m['system']}; {m['versions']}; yaz {m['yaz']}; {today}.", ""]
    writers: dict[str, Callable[[Any], list[str]]] = {
        "peers": _peers,
        "bytes": other_bytes.lines,
        "cold": _cold,
        "growth-convert": lambda rows: growth_lines(rows, "convert"),
        **{_whole_name(system): _whole for system in SYSTEMS},
        "growth-run": lambda rows: growth_lines(rows, "run"),
        "rules": rule_engine.lines,
        "stages": _stages,
    }
    for name, write in writers.items():
        if name in found:
            lines += [*write(found[name]["found"]), ""]
            if found[name]["date"] != today:
                lines += [f"(Measured on {found[name]['date']}.)", ""]
    return "\n".join(lines).rstrip()


def _peers(found: dict[str, Any]) -> list[str]:
    runs = found["runs"]
    rounds = next(iter(runs.values()))["runs"]
    lines = [
        f"{found['records']:,} bibs, {found['bytes'] / 1e9:.2f} GB (seed {extracts.SEED}), "
        f"{found['xml_bytes'] / 1e9:.2f} GB as MARCXML; whole processes, start-up included, "
        f"median of {rounds} interleaved runs; outputs were compared before.",
        "",
        "| | records/s | seconds | spread | processor s | peak MiB |",
        "|---|--:|--:|--:|--:|--:|",
    ]
    for name, title in TITLES.items():
        if name in runs:
            r = runs[name]
            lines.append(
                f"| {title} | {r['records_per_s']:,.0f} | {r['wall_s']:.2f} | {r['spread']:.0%} "
                f"| {r['cpu_s']:.1f} | {r['peak_mib']:,.0f} |"
            )
    if found.get("not_here"):
        lines += ["", f"Not measured, since not installed here: {', '.join(found['not_here'])}."]
    lines += ["", "| ratio | found | goal |", "|---|--:|--:|"]
    for name, (goal, more) in GOALS.items():
        if name in found["ratios"]:
            text = "" if goal is None else f"{'at least' if more else 'at most'} {goal:g}"
            lines.append(f"| {name} | {found['ratios'][name]:.2f} | {text} |")
    return lines


def _cold(found: dict[str, float]) -> list[str]:
    return [
        f"First start, with nothing compiled: {found['more_s']:.1f} s more than later ones "
        f"({found['cold_s']:.1f} s and {found['warm_s']:.1f} s for 2,000 bibs; goal: at most 15 s more)."
    ]


def _whole(found: dict[str, Any]) -> list[str]:
    run = found["run"]
    phases = ", ".join(f"{name} {seconds:.1f}" for name, seconds in found["phases_s"].items())
    met = all(one == other for one, other in found["delivered_and_key"].values())
    met = met and not found["rows_that_differ"]
    told = "; ".join(f"{kind} {one:,}/{other:,}" for kind, (one, other) in found["delivered_and_key"].items())
    peer = ""
    if found["peer"]:
        ratio = run["wall_s"] / found["peer"]["wall_s"]
        peer = (
            f" In turn with it `yaz-marcdump` took {found['peer']['wall_s']:.1f} s to turn the same bib file"
            f" into MARCXML: **{ratio:.2f}** of that (goal: at most 0.7)."
        )
    little = ""
    if found.get("little"):
        little = (
            f" With `--memory {LITTLE}` it took {found['little']['wall_s']:.1f} s,"
            f" peak {found['little']['peak_mib']:,.0f} MiB."
        )
    return [
        f"A whole `transformer run` of a {found['system']} library with {found['bibs']:,} bibs, "
        f"{found['items']:,} items, {found['patrons']:,} patrons and {found['loans']:,} loans "
        f"({found['bytes'] / 1e9:.2f} GB), holdings, statuses, checks, reports: "
        f"**{run['wall_s']:.1f} s**, peak {run['peak_mib']:,.0f} MiB (median of {run['runs']}; "
        f"spread {run['spread']:.0%}).{peer}{little} Seconds by phase: {phases}. "
        f"Delivered, beside the answer key: {told}; {found['rows_compared']:,} rows compared in full "
        f"({'met' if met else 'NOT met'})."
    ]


def _stages(found: dict[str, Any]) -> list[str]:
    lines = [
        f"Stages by themselves, one thread, {found['records']:,} bibs:",
        "",
        "| stage | GB/s of input | share of a copy |",
        "|---|--:|--:|",
    ]
    lines += [
        f"| {name} | {s['gb_per_s']:.2f} | {s['share_of_copy']:.0%} |" for name, s in found["stages"].items()
    ]
    return lines


def into_readme(text: str) -> None:
    """Replaces what stands between the marks."""
    readme = README.read_text("utf-8")
    before, _, rest = readme.partition(BEGIN)
    _, _, after = rest.partition(END)
    README.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", "utf-8")


def kept() -> dict[str, Any]:
    """What was found before, by section."""
    return {path.stem: json.loads(path.read_bytes()) for path in RESULTS.glob("*.json")}


def main(words: list[str] | None = None) -> int:
    """Runs the sections asked for and writes the table after each; 1 if one of them failed."""
    chosen = arguments(words)
    setting = Bench(chosen.records, chosen.scratch, chosen.rounds)
    acts = sections(setting)
    if unknown := set(chosen.only) - acts.keys():
        print(f"no such section: {', '.join(sorted(unknown))}; there are {', '.join(acts)}")
        return 2
    full = chosen.records >= FULL
    RESULTS.mkdir(exist_ok=True)
    found = kept() if full else {}
    found["machine"] = machine()
    failed = False
    for name in [name for name in acts if not chosen.only or name in chosen.only]:
        print(f"{name} ...", flush=True)
        try:
            found[name] = {"date": date.today().isoformat(), "found": acts[name]()}
        except (Failed, Different, OSError) as error:
            print(f"left out: {name}: {error}", flush=True)
            failed = True
            continue
        if full:
            for part in ("machine", name):
                (RESULTS / f"{part}.json").write_text(json.dumps(found[part], indent=2) + "\n", "utf-8")
            into_readme(table(found))
    print(table(found))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
