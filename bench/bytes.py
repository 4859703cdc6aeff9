"""Other bytes than clean ISO 2709 in UTF-8, beside the peers, as whole processes, start-up included.

    python -m bench.bytes [--records N] [--rounds N] [--only NAME ...] [--scratch FOLDER]

MARC-8: to MARCXML in UTF-8, beside yaz-marcdump. Damage and mixed encodings: a file with one record in a
hundred damaged, and one with one in a hundred in another encoding, beside the clean file, each to MARCXML.
Reading: MARCXML beside pymarc's map_xml (its first 20,000 records) and lxml's iterparse; lines with system
numbers beside Catmandu's importer, which hands its records to nobody (`to Null`).
Outputs are compared before any speed is told: MARC-8 with the file it was made from, field by field, as we
and as yaz convert it; of the changed files every record that was not changed; of readings the numbers of
records and fields.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from bench import compare, measure
from bench.bytes_files import bytes_file
from bench.measure import Command, Failed
from bench.peers import PROGRAM, SAMPLE, Bench, arguments

GOALS = {
    "marc-8: convert / yaz-marcdump": 10.0,
    "1 % damaged / clean": 0.8,
    "1 % in another encoding / clean": 0.8,
    "MARCXML: read / pymarc": 20.0,
    "MARCXML: read / lxml": 5.0,
    "aleph_sequential: read / Catmandu": 100.0,
}
"""Ratios of records a second, each at least."""
PAIRS = {
    "marc-8: convert / yaz-marcdump": ("marc-8", "marc-8, yaz-marcdump"),
    "1 % damaged / clean": ("1 % damaged", "clean"),
    "1 % in another encoding / clean": ("1 % in another encoding", "clean"),
    "MARCXML: read / pymarc": ("MARCXML, read", "MARCXML, pymarc"),
    "MARCXML: read / lxml": ("MARCXML, read", "MARCXML, lxml"),
    "aleph_sequential: read / Catmandu": ("aleph_sequential, read", "aleph_sequential, Catmandu"),
}
MB_PER_S = {"aleph_sequential, read": 150.0}
FEW = {"MARCXML, pymarc": SAMPLE, "aleph_sequential, Catmandu": 100_000}
"""Commands that work on the first so many records."""
_HALVES = {0xFE20: "\u0361", 0xFE21: "", 0xFE22: "\u0360", 0xFE23: ""}


class Section:
    """The files and commands of this section."""

    def __init__(self, bench: Bench) -> None:
        self.bench, self.out = bench, bench.scratch
        names = ("marc8", "mixed", "damaged", "marcxml", "aleph_sequential")
        made = {name: bytes_file(name, bench.records) for name in names}
        self.files = {"clean": bench.file, **{name: path for name, (path, _) in made.items()}}
        self.changed = {name: set(numbers) for name, (_, numbers) in made.items()}
        self.files["few.xml"] = _first(self.files["marcxml"], self.out / "few.xml", b"</record>", SAMPLE)
        self.files["few.seq"] = _first_lines(self.files["aleph_sequential"], self.out / "few.seq", 100_000)

    def commands(self) -> dict[str, Command]:
        """Everything that is measured, by name."""
        files, out = self.files, self.out
        yaz = [
            "yaz-marcdump",
            "-i",
            "marc",
            "-f",
            "marc-8",
            "-t",
            "utf-8",
            "-o",
            "marcxml",
            str(files["marc8"]),
        ]
        catmandu = [
            "catmandu",
            "convert",
            "MARC",
            "--type",
            "ALEPHSEQ",
            "--file",
            str(files["few.seq"]),
            "to",
            "Null",
        ]
        return {
            "marc-8": self._convert("marc8"),
            "marc-8, yaz-marcdump": Command(yaz, stdout=out / "yaz.xml"),
            "clean": self._convert("clean"),
            "1 % damaged": self._convert("damaged"),
            "1 % in another encoding": self._convert("mixed"),
            "MARCXML, read": self._loop("read", files["marcxml"], "marcxml"),
            "MARCXML, pymarc": self._loop("pymarc-xml", files["few.xml"]),
            "MARCXML, lxml": self._loop("lxml", files["marcxml"]),
            "aleph_sequential, read": self._loop("read", files["aleph_sequential"], "aleph_sequential"),
            "aleph_sequential, Catmandu": Command(catmandu),
        }

    def _convert(self, name: str) -> Command:
        target = self.out / f"{name}.xml"
        argv = [PROGRAM, "convert", "--quiet", str(self.files[name]), str(target)]
        # Exit 1 is well: of what is damaged some is set aside.
        outputs = (target, target.with_name(f"{name}.xml.*"))
        return Command(argv, outputs=outputs, env=self.bench.env, ends=(0, 1))

    def _loop(self, *words: str | Path) -> Command:
        argv = self.bench.python("bench.loops", *map(str, words))
        return Command(argv, stdout=self.out / f"{words[0]}.txt", env=self.bench.env)

    def records_of(self, name: str) -> int:
        """How many records a command works on."""
        return min(FEW.get(name, self.bench.records), self.bench.records)

    def bytes_of(self, name: str) -> int:
        """How many bytes it reads; of those commands of which that is told."""
        return self.files["aleph_sequential"].stat().st_size if name in MB_PER_S else 0

    def check(self, name: str) -> str:
        """Compares what a command has just made; says what was compared. Raises Different."""
        if name.startswith("marc-8"):
            path = self.out / ("yaz.xml" if "yaz" in name else "marc8.xml")
            composed = (_composed(record) for record in compare.of_marc(self.bench.file))
            theirs = map(_composed, compare.of_xml(path))
            count = compare.same(theirs, composed, SAMPLE, f"{name} and the file")
            self._count(name, compare.record_count(path), self.bench.records)
            return (
                f"{self.bench.records:,} records; the first {count:,} as the file they were made from, in NFC"
            )
        if name in ("clean", "1 % damaged", "1 % in another encoding"):
            key = {"clean": "clean", "1 % damaged": "damaged"}.get(name, "mixed")
            return self._unchanged(self.out / f"{key}.xml", self.changed.get(key, set()))
        if name.endswith("Catmandu"):
            return "reads only; its records are counted by `to Count` beforehand"
        loop = "read" if name.endswith("read") else "pymarc-xml" if name.endswith("pymarc") else "lxml"
        records, fields = map(int, (self.out / f"{loop}.txt").read_text("utf-8").split())
        wanted = compare.rows_of_marc(self.bench.file)
        self._count(name, records, self.records_of(name))
        if self.records_of(name) == self.bench.records:
            # Each record of the lines has an FMT more.
            self._count(name, fields, wanted[1] + (records if "aleph" in name else 0))
        return f"{records:,} records, {fields:,} fields"

    def _count(self, name: str, found: int, wanted: int) -> None:
        if found != wanted:
            raise compare.Different(f"{name}: {found} counted, expected {wanted}")

    def _unchanged(self, path: Path, changed: set[int]) -> str:
        """Every one of the first records that was not changed must be in the output, in order."""
        count = 0
        found = compare.of_xml(path)
        for number, record in enumerate(islice(compare.of_marc(self.bench.file), SAMPLE)):
            if number in changed:
                continue
            if not any(record == other for other in found):
                raise compare.Different(f"{path.name}: record {number}, which was not changed, is not there")
            count += 1
        return f"{count:,} records that were not changed are in it as they were, in order"


def _first(source: Path, target: Path, end: bytes, count: int) -> Path:
    """The first records of a MARCXML file as a file."""
    data = b""
    with source.open("rb") as file:
        while data.count(end) < count and (more := file.read(compare.CHUNK)):
            data += more
    pieces = data.split(end)
    target.write_bytes(
        data if len(pieces) <= count + 1 else end.join(pieces[:count]) + end + b"\n</collection>\n"
    )
    return target


def _first_lines(source: Path, target: Path, records: int) -> Path:
    """The first records of a file of lines as a file."""
    number, before = 0, b""
    with source.open("rb") as file, target.open("wb") as out:
        for line in file:
            number += line[:9] != before
            before = line[:9]
            if number > records:
                break
            out.write(line)
    return target


def _composed(record: compare.Plain) -> Any:
    """A record in NFC, and in one way what tools write in two: yaz makes one mark of the two halves of a
    ligature or double tilde, and leaves `&#x6F22;` as it stands."""
    text = json.dumps(record, ensure_ascii=False).translate(_HALVES)
    text = re.sub("&#x([0-9A-Fa-f]+);", lambda found: chr(int(found[1], 16)), text)
    return json.loads(unicodedata.normalize("NFC", text))


def check_catmandu(section: Section) -> None:
    """Catmandu must see as many records as there are: it parts them where an FMT stands. Raises Different."""
    words = ["convert", "MARC", "--type", "ALEPHSEQ", "--file", str(section.files["few.seq"]), "to", "Count"]
    counted = section.out / "catmandu.txt"
    measure.run(Command(["catmandu", *words], stdout=counted))
    wanted = section.records_of("aleph_sequential, Catmandu")
    if int(counted.read_text("ascii").split()[-1]) != wanted:
        raise compare.Different(f"Catmandu counts {counted.read_text('ascii')!r}, expected {wanted}")


def run(bench: Bench) -> dict[str, Any]:
    """Checks, then measures. Returns samples' summaries by name, checks, rates and the ratios asked for."""
    section = Section(bench)
    commands = {n: c for n, c in section.commands().items() if not bench.only or n in bench.only}
    checks = {}
    for name in list(commands):
        try:
            if commands[name].argv[0] == "catmandu":
                check_catmandu(section)
            measure.run(commands[name])
        except (Failed, FileNotFoundError) as error:
            bench.say(f"left out: {name}: {error}")
            checks[name] = "failed"
            del commands[name]
        else:
            checks[name] = section.check(name)
            commands[name].clear()
    samples: dict[str, list[measure.Sample]] = {name: [] for name in commands}
    for number in range(bench.rounds):
        for name, command in commands.items():
            samples[name].append(measure.run(command))
            command.clear()  # five outputs of 5 GB need not lie there at once
            wall, cpu = samples[name][-1].wall_s, samples[name][-1].cpu_s
            bench.say(f"  {number + 1}/{bench.rounds} {name}: {wall:.2f} s, {cpu:.2f} s of processors")
    made = {name: measure.summary(values) for name, values in samples.items()}
    for name, values in made.items():
        values["records_per_s"] = section.records_of(name) / values["wall_s"]
        values["records_per_cpu_s"] = section.records_of(name) / values["cpu_s"]
        values["mb_per_s"] = section.bytes_of(name) / values["wall_s"] / 1e6
    return {
        "records": bench.records, "runs": made, "checks": checks,
        "ratios": ratios(made, "records_per_s"), "cpu_ratios": ratios(made, "records_per_cpu_s"),
    }  # fmt: skip


def ratios(made: dict[str, dict[str, float]], what: str) -> dict[str, float]:
    """The ratios of the goals, as far as both sides were measured."""
    return {
        name: made[one][what] / made[other][what]
        for name, (one, other) in PAIRS.items()
        if one in made and other in made
    }


def lines(found: dict[str, Any]) -> Iterator[str]:
    """The section as Markdown."""
    rounds = next(iter(found["runs"].values()))["runs"]
    yield f"Other bytes than clean UTF-8, {found['records']:,} bibs, median of {rounds} interleaved runs:"
    yield ""
    yield "| | records/s | seconds | processor s | MB/s | peak MiB |"
    yield "|---|--:|--:|--:|--:|--:|"
    for name, r in found["runs"].items():
        speed = f"{r['mb_per_s']:,.0f}" if r["mb_per_s"] else ""
        yield (
            f"| {name} | {r['records_per_s']:,.0f} | {r['wall_s']:.2f} | {r['cpu_s']:.1f} | {speed} "
            f"| {r['peak_mib']:,.0f} |"
        )
    yield ""
    yield "| ratio of records/s | found | by processor time | goal |"
    yield "|---|--:|--:|--:|"
    for name, goal in GOALS.items():
        if name in found["ratios"]:
            both = f"{found['ratios'][name]:.2f} | {found['cpu_ratios'][name]:.2f}"
            yield f"| {name} | {both} | at least {goal:g} |"
    for name, goal in MB_PER_S.items():
        if name in found["runs"]:
            yield f"| {name}, MB/s | {found['runs'][name]['mb_per_s']:.0f} | | at least {goal:g} |"
    left = [name for name, what in found["checks"].items() if what == "failed"]
    if left:
        yield ""
        yield f"Not measured, since the program is not there or failed: {', '.join(left)}."


if __name__ == "__main__":
    chosen = arguments()
    setting = Bench(chosen.records, chosen.scratch, chosen.rounds, tuple(chosen.only))
    found = run(setting)
    print("\n".join(lines(found)))
