"""A whole run of a library: bibs with items inside, an item list, patrons, holdings built, dirt and all.

    python -m bench.whole [--records N] [--rounds N] [--scratch FOLDER]

Seconds of the command, of each phase as the run's manifest tells them, and peak memory. What came out is
held against the answer key, which was made from what was planted: counts of bibs, items and patrons, and
the key's sample of rows.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

from bench import answers, extracts, measure
from bench.measure import Command
from bench.peers import PROGRAM, arguments

SITE = extracts.SHAPE.parent / "sample"


def site(bibs: int, scratch: Path) -> tuple[Path, Any]:
    """A library's folder with the sample's choices and maps, and its extracts as links; and their key."""
    made, key = extracts.library(bibs)
    folder = scratch / "library"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(SITE, folder)
    (folder / "extracts").mkdir()
    for name in (*key.files, "answer-key.json"):
        os.link(made / name, folder / "extracts" / name)
    labels = [f"{code},{row[0]}\n" for code, row in key.expected["status"].items()]
    (folder / "rules" / "maps" / "item_status_label.csv").write_text(
        "code,label\n" + "".join(labels), "utf-8"
    )
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


def _run(folder: Path, scratch: Path) -> measure.Sample:
    """Runs a library anew. Exit 1 is well: so much dirt may be over the sample's limits."""
    shutil.rmtree(folder / "runs", ignore_errors=True)
    argv = [PROGRAM, "run", "--quiet", str(folder), "--run", "bench"]
    return measure.run(Command(argv, env={"TRANSFORMER_CACHE": str(scratch / "kernels")}, ends=(0, 1)))


def whole(bibs: int, scratch: Path, rounds: int = 3) -> dict[str, Any]:
    """Runs the library `rounds` times; returns summary, seconds by phase, counts beside the key."""
    scratch.mkdir(parents=True, exist_ok=True)
    _run(site(2000, scratch)[0], scratch)  # compiles the kernels
    folder, key = site(bibs, scratch)
    samples, phases = [], []
    for _ in range(rounds):
        samples.append(_run(folder, scratch))
        manifest = json.loads((folder / "runs" / "bench" / "manifest.json").read_bytes())
        phases.append(manifest["machine"]["seconds"])
        print(f"  whole: {samples[-1].wall_s:.1f} s, {samples[-1].peak_mib:.0f} MiB, {phases[-1]}")
    counts = key.counts
    wrong = {name: len(texts) for name, texts in answers.differences(folder, "bench").items()}
    shutil.rmtree(folder)
    middle = sorted(range(rounds), key=lambda at: samples[at].wall_s)[rounds // 2]
    return {
        "bibs": bibs,
        "items": counts["item"]["planted"],
        "patrons": counts["patron"]["planted"],
        "bytes": sum(file["bytes"] for file in key.files.values()),
        "run": measure.summary(samples),
        "phases_s": phases[middle],
        "delivered_and_key": against_key(manifest, counts),
        "rows_compared": len(key.item_rows) + len(key.bib_rows),
        "rows_that_differ": wrong,
    }


if __name__ == "__main__":
    chosen = arguments()
    print(json.dumps(whole(chosen.records, chosen.scratch, min(chosen.rounds, 3)), indent=2))
