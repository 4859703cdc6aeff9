"""The program beside its peers on one seeded file, as whole processes, start-up included.

    python -m bench.peers [--records N] [--rounds N] [--only NAME ...] [--scratch FOLDER]

MARCXML: `convert` into one file and into two; yaz-marcdump; pymarc and MARC::Record (the first 20,000
records); and the limit, a loop that copies the resulting XML in reads and writes of 1 MiB. Tables: every
batch of the three tables against `yaz-marcdump -n`, which only reads. Columns: seven columns to Parquet.
Outputs are compared before any speed is told: number of records, the first 20,000 of them field by field
between ours, yaz's and pymarc's, and the two parts with the one file.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench import compare, extracts, measure
from bench.measure import Command, Failed

SAMPLE = 20_000
SLOW = ("pymarc", "MARC::Record")
"""What works on the first SAMPLE records only."""
PERL = Path(__file__).with_name("marc_record.pl")
COLUMNS = ["001", "100a", "245a", "245b", "264c", "020a", "650a"]
PROGRAM = str(Path(sys.executable).parent / "transformer")


@dataclass
class Bench:
    """One setting of the bench: file, size, and where outputs go."""

    records: int
    scratch: Path
    rounds: int = 5
    only: tuple[str, ...] = ()
    say: Callable[[str], None] = print
    file: Path = field(init=False)
    kernels: Path = field(init=False)

    def __post_init__(self) -> None:
        self.scratch.mkdir(parents=True, exist_ok=True)
        self.file, _ = extracts.bib_file(self.records)
        self.kernels = self.scratch / "kernels"

    @property
    def env(self) -> dict[str, str]:
        """Compiled kernels of this bench's own, warm after the first run."""
        return {"TRANSFORMER_CACHE": str(self.kernels)}

    def python(self, *words: str) -> list[str]:
        """A command of this package's loops."""
        return [sys.executable, "-m", *words]

    def commands(self) -> dict[str, Command]:
        """Everything that is measured, by name."""
        source, out = str(self.file), self.scratch
        one, two, table = out / "one.xml", out / "two.xml", out / "columns.parquet"
        program = [PROGRAM, "convert", "--quiet", source]
        return {
            "convert": Command([*program, str(one)], outputs=(one,), env=self.env),
            "convert --parts 2": Command(
                [*program, str(two), "--parts", "2"], outputs=(out / "two*.xml",), env=self.env
            ),
            "copy": Command(
                self.python("bench.loops", "copy", str(out / "kept.xml"), str(out / "copy.xml")),
                outputs=(out / "copy.xml",),
            ),
            "yaz-marcdump": Command(
                ["yaz-marcdump", "-i", "marc", "-o", "marcxml", source], stdout=out / "yaz.xml"
            ),
            "pymarc": Command(
                self.python("bench.loops", "pymarc", source, str(out / "pymarc.xml"), str(SAMPLE)),
                outputs=(out / "pymarc.xml",),
            ),
            "MARC::Record": Command(
                ["perl", str(PERL), source, str(out / "perl.xml"), str(SAMPLE)], outputs=(out / "perl.xml",)
            ),
            "tables": Command(self.python("bench.tables", source), stdout=out / "tables.txt", env=self.env),
            "yaz-marcdump -n": Command(["yaz-marcdump", "-n", source]),
            "columns": Command(
                [*program, str(table), "--columns", ",".join(COLUMNS)], outputs=(table,), env=self.env
            ),
        }

    def records_of(self, name: str) -> int:
        """How many records a command works on."""
        return min(SAMPLE, self.records) if name in SLOW else self.records


def check(bench: Bench, commands: dict[str, Command]) -> dict[str, str]:
    """Runs every command once, compares what they made, and says so by name. Raises Different.

    A command that fails is taken out of `commands`, and the reason told. Keeps the XML for the copy loop.
    """
    told: dict[str, str] = {}
    out = bench.scratch
    kept = out / "kept.xml"
    for name in [n for n in commands if n != "copy"]:
        try:
            measure.run(commands[name])
        except (Failed, FileNotFoundError) as error:
            bench.say(f"left out: {name}: {error}")
            told[name] = "failed"
            del commands[name]
    for name, path in (
        ("convert", out / "one.xml"),
        ("yaz-marcdump", out / "yaz.xml"),
        ("pymarc", out / "pymarc.xml"),
        ("MARC::Record", out / "perl.xml"),
    ):
        if name in commands:
            wanted, found = bench.records_of(name), compare.record_count(path)
            if found != wanted:
                raise compare.Different(f"{name}: {found} records, expected {wanted}")
            count = compare.same(
                compare.of_xml(path), compare.of_marc(bench.file), SAMPLE, f"{name} and the file"
            )
            told[name] = f"{found:,} records; the first {count:,} as pymarc reads them"
    if "convert" in commands:
        (out / "one.xml").replace(kept)
    if "convert --parts 2" in commands and kept.is_file():
        parts = sorted(out.glob("two*.xml"))
        if compare.payload_sum(parts) != compare.payload_sum([kept]):
            raise compare.Different("two parts are not the one file")
        told["convert --parts 2"] = "together byte for byte the one file"
    if not kept.is_file() and (out / "yaz.xml").is_file():
        shutil.copyfile(out / "yaz.xml", kept)
    if "columns" in commands:
        rows = compare.same_columns(out / "columns.parquet", bench.file, COLUMNS, SAMPLE)
        if rows != bench.records:
            raise compare.Different(f"columns: {rows} rows, expected {bench.records}")
        told["columns"] = f"{rows:,} rows; the first {SAMPLE:,} as pymarc reads them"
    if "tables" in commands:
        rows_found = [int(word) for word in (out / "tables.txt").read_text("utf-8").split()]
        rows_wanted = compare.rows_of_marc(bench.file)
        if rows_found != rows_wanted:
            raise compare.Different(f"tables: {rows_found} rows, the file's delimiters say {rows_wanted}")
        told["tables"] = f"records, fields and subfields as the file's delimiters say: {rows_found}"
    return told


def peers(bench: Bench) -> dict[str, Any]:
    """Checks, then measures. Returns samples' summaries by name, checks, rates and the ratios asked for."""
    commands = {n: c for n, c in bench.commands().items() if not bench.only or n in bench.only}
    checks = check(bench, commands)
    samples = measure.interleaved(commands, bench.rounds, bench.say)
    made = {name: measure.summary(values) for name, values in samples.items()}
    for name, values in made.items():
        values["records_per_s"] = bench.records_of(name) / values["wall_s"]
    return {"records": bench.records, "bytes": bench.file.stat().st_size, "runs": made, "checks": checks,
            "xml_bytes": (bench.scratch / "kept.xml").stat().st_size, "ratios": ratios(made),
            "not_here": not_here()}  # fmt: skip


def not_here() -> list[str]:
    """Peers that are known and not installed."""
    jars = any("marc4j" in path for path in os.environ.get("CLASSPATH", "").split(os.pathsep))
    have = {
        "mrrc": importlib.util.find_spec("mrrc") is not None,
        "marc4j": jars and bool(shutil.which("java")),
    }
    return [name for name, there in have.items() if not there]


def ratios(made: dict[str, dict[str, float]]) -> dict[str, float]:
    """The ratios of the goals, as far as both sides were measured."""
    wanted = {
        "convert / yaz-marcdump": ("records_per_s", "convert", "yaz-marcdump"),
        "convert --parts 2 / yaz-marcdump": ("records_per_s", "convert --parts 2", "yaz-marcdump"),
        "convert / pymarc": ("records_per_s", "convert", "pymarc"),
        "convert / MARC::Record": ("records_per_s", "convert", "MARC::Record"),
        "time of convert / copy": ("wall_s", "convert", "copy"),
        "time of convert --parts 2 / copy": ("wall_s", "convert --parts 2", "copy"),
        "tables / yaz-marcdump -n": ("records_per_s", "tables", "yaz-marcdump -n"),
        "columns / yaz-marcdump": ("records_per_s", "columns", "yaz-marcdump"),
    }
    return {
        name: made[one][what] / made[other][what]
        for name, (what, one, other) in wanted.items()
        if one in made and other in made
    }


def cold_start(bench: Bench, rounds: int = 3) -> dict[str, float]:
    """Seconds that a first run takes, with no compiled kernels, and a later one, on 2,000 records."""
    small, _ = extracts.bib_file(2000)
    out = bench.scratch / "cold.xml"
    argv = [PROGRAM, "convert", "--quiet", str(small), str(out)]
    cold, warm = [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(dir=bench.scratch) as empty:
            command = Command(argv, outputs=(out,), env={"TRANSFORMER_CACHE": empty})
            cold.append(measure.run(command))
            warm.append(measure.run(command))
    first, later = measure.summary(cold)["wall_s"], measure.summary(warm)["wall_s"]
    return {"cold_s": first, "warm_s": later, "more_s": first - later}


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    """The options that all benches share."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--records", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", nargs="*", default=[], help="names of commands or sections")
    parser.add_argument("--system", default="sierra", help="of a whole run")
    parser.add_argument("--scratch", type=Path, default=extracts.WORK / "scratch")
    return parser.parse_args(words)


if __name__ == "__main__":
    import json

    chosen = arguments()
    setting = Bench(chosen.records, chosen.scratch, chosen.rounds, tuple(chosen.only))
    print(json.dumps(peers(setting), indent=2))
