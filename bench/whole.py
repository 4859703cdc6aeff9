"""A whole run of a library: bibs, items, holdings, patrons, loans and requests, dirt and all.

    python -m bench.whole [--system NAME] [--records N] [--rounds N] [--scratch FOLDER]

Seconds of the command, of each phase as the run's manifest tells them, and peak memory; in turn with it
`yaz-marcdump`, which merely turns the same bib file into MARCXML. What came out is held against the key,
which was made from what was planted: every count and finding, and the key's sample of rows.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from bench import answers, extracts, measure
from bench.measure import Command
from bench.peers import PROGRAM, arguments

SYSTEMS = ("sierra", "koha", "symphony")
YAZ = "yaz-marcdump"
LITTLE = "2GiB"
"""Memory that a run is given once more, to show that it stays within it."""


def site(bibs: int, scratch: Path, system: str = "sierra", work: Path = extracts.WORK) -> tuple[Path, Any]:
    """A library's folder with choices and maps, and its extracts as links into `work`; and their key."""
    made, key = extracts.library(bibs, work, system)
    folder = scratch / "library"
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "extracts").mkdir(parents=True)
    for name in (*key.files, "answer-key.json"):
        os.link(made / name, folder / "extracts" / name)
    extracts.choices(system, folder, key)
    return folder, key


def against_key(manifest: dict[str, Any], counts: dict[str, Any]) -> dict[str, list[int]]:
    """By kind: delivered as the ledger says, delivered as the key says."""
    return {
        kind: [
            sum(row["written_count"] for row in manifest["ledger"] if row["kind"] == kind),
            counts[kind]["delivered"],
        ]
        for kind in ("bib", "item", "patron")
    }


def run_once(folder: Path, scratch: Path, key: Any, memory: str = "") -> measure.Sample:
    """Runs a library anew, as of the day its key was told for. memory: what it may take, else as it likes."""
    shutil.rmtree(folder / "runs", ignore_errors=True)
    argv = [PROGRAM, "run", "--quiet", str(folder), "--run", "bench", "--as-of", key.settings["as_of"]]
    argv += ["--memory", memory] if memory else []
    return measure.run(Command(argv, env={"TRANSFORMER_CACHE": str(scratch / "kernels")}))


def whole(bibs: int, scratch: Path, rounds: int = 3, system: str = "sierra") -> dict[str, Any]:
    """Runs the library `rounds` times, in turn with the peer; returns summaries, seconds by phase, counts and
    those of the key. The peer is left out where it is not installed."""
    scratch.mkdir(parents=True, exist_ok=True)
    run_once(*_warm(scratch, system))  # compiles the kernels
    folder, key = site(bibs, scratch, system)
    xml = scratch / "yaz-whole.xml"
    peer = Command([YAZ, "-i", "marc", "-o", "marcxml", str(folder / "extracts" / "bib.mrc")], stdout=xml)
    samples, phases, peers = [], [], []
    for _ in range(rounds):
        samples.append(run_once(folder, scratch, key))
        manifest = json.loads((folder / "runs" / "bench" / "manifest.json").read_bytes())
        phases.append(manifest["machine"]["seconds"])
        print(
            f"  {system}: {samples[-1].wall_s:.1f} s, {samples[-1].peak_mib:.0f} MiB, {phases[-1]}",
            flush=True,
        )
        if shutil.which(YAZ):
            peers.append(measure.run(peer))
            peer.clear()
            print(f"  {YAZ}: {peers[-1].wall_s:.1f} s", flush=True)
    little = run_once(folder, scratch, key, LITTLE)
    counts = key.counts
    wrong = {name: len(texts) for name, texts in answers.differences(folder, "bench").items()}
    shutil.rmtree(folder)
    middle = sorted(range(rounds), key=lambda at: samples[at].wall_s)[rounds // 2]
    return {
        "system": key.settings["shape"],
        "bibs": bibs,
        "items": counts["item"]["planted"],
        "patrons": counts["patron"]["planted"],
        "loans": counts["loan"]["planted"],
        "bytes": sum(file["bytes"] for file in key.files.values()),
        "run": measure.summary(samples),
        "little": measure.summary([little]),
        "peer": measure.summary(peers) if peers else None,
        "phases_s": phases[middle],
        "delivered_and_key": against_key(manifest, counts),
        "rows_compared": len(key.item_rows) + len(key.bib_rows) + len(key.patron_rows),
        "rows_that_differ": wrong,
    }


def _warm(scratch: Path, system: str) -> tuple[Path, Path, Any]:
    """What `run_once` takes, for a small library of the system."""
    folder, key = site(2000, scratch, system)
    return folder, scratch, key


if __name__ == "__main__":
    chosen = arguments()
    found = whole(chosen.records, chosen.scratch, min(chosen.rounds, 3), chosen.system)
    print(json.dumps(found, indent=2))
    sys.exit(bool(found["rows_that_differ"]))
