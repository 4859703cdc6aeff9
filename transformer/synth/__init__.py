"""The one maker of synthetic extracts, for demo, bench and tests. It knows no rules, readers or maps.

`make_library` writes the native extracts of a library (bibs in ISO 2709, in UTF-8 or MARC-8, lists of items,
holdings, patrons, loans and requests) in the shape that a `synth.toml` describes, with dirt at a chosen rate,
and an answer key told from what was planted. The same arguments give the same bytes, on every machine and
with any number of processes: shards of a fixed size draw from raw bits (see `draw`). A million bibs with
everything take about a minute on 2 cores. All people are invented and look it.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

import orjson

from transformer.errors import MachineError, UsageError
from transformer.synth.key import AnswerKey, add
from transformer.synth.lists import ListWriter
from transformer.synth.shape import Shape, layout_names, load
from transformer.synth.shard import Job, Made, Maker
from transformer.synth.worker import receive

__all__ = ["AnswerKey", "layouts", "make_library"]

BIB_FILE = "bib.mrc"
KEY_FILE = "answer-key.json"
_WORKER = "from transformer.synth.worker import main; main()"
Progress = Callable[[int, int], None]


def make_library(
    folder: Path,
    shape: Path,
    *,
    bibs: int,
    seed: int = 7,
    dirt: float = 0.01,
    items_per_bib: float = 1.5,
    patrons: int | None = None,
    with_csv_items: bool = True,
    layout: str = "A",
    progress: Progress | None = None,
    serials: bool = True,
    processes: int | None = None,
) -> AnswerKey:
    """Writes a library's extracts and its answer key into `folder`; returns the key.

    folder: made if missing; files of these names in it are replaced. shape: a `synth.toml`. bibs: how many.
    dirt: share of items and patrons that are dirty (and, times the shape's `bib_share`, of damaged bibs);
    0 gives clean extracts. patrons: None = the shape's number a bib. with_csv_items: False puts all items
    into the bibs, as is done in any case where the shape has no list of items. patrons: 0 = none, and so no
    loans and requests. layout: one of the shape's. progress: called with (bibs done, bibs) now and then.
    serials: False allows four items a bib at most, so that no record is longer than 3 KB. processes: None =
    one for a small library, else two; the bytes do not depend on it.
    UsageError for arguments that do not fit, RulesError for a wrong shape file, MachineError for a full disk.
    """
    plan = load(shape, layout)
    if bibs < 1 or not 0 <= dirt <= 0.5 or not 0 <= items_per_bib <= 20:
        raise UsageError("a library needs at least 1 bib, dirt from 0 to 0.5, and 0 to 20 items a bib")
    with_csv_items = with_csv_items and bool(plan.get("list", "item", default=None))
    if not with_csv_items and plan.layout.item is None:
        raise UsageError(f"layout {layout} has no items in its bibs: it needs the item list")
    people = int(bibs * plan.at("patron", "per_bib")) if patrons is None else patrons
    job = Job(str(shape.resolve()), layout, bibs, people, seed, dirt, items_per_bib, with_csv_items, serials)
    workers = min(job.shard_count, (2 if bibs > 40_000 else 1) if processes is None else processes)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            key = _write(folder, plan, job, _made(job, workers, stack), progress)
        key.write(folder / KEY_FILE)
    except OSError as error:
        raise MachineError(f"the extracts cannot be written: {error.strerror}", str(folder)) from error
    return key


def layouts(shape: Path) -> tuple[str, ...]:
    """The layouts that a shape file knows, in its order. RulesError for a wrong one."""
    return layout_names(shape)


def _made(job: Job, workers: int, stack: ExitStack) -> Iterator[Made]:
    """The shards in order, made here or by workers of their own."""
    if workers <= 1:
        maker = Maker(job)
        yield from map(maker.shard, range(job.shard_count))
        return
    pipes: list[IO[bytes]] = []
    for first in range(workers):
        command = [sys.executable, "-c", _WORKER, str(first), str(workers)]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(path or "." for path in sys.path)}
        process = stack.enter_context(
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        )
        stack.callback(process.kill)
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(orjson.dumps(job.as_dict()))
        process.stdin.close()
        pipes.append(process.stdout)
    for number in range(job.shard_count):
        try:
            yield receive(pipes[number % workers])
        except EOFError as error:
            raise MachineError("a process that makes extracts ended early") from error


class _File:
    """A file being written, with its checksum and number of lines."""

    def __init__(self, path: Path, stack: ExitStack) -> None:
        self.path = path
        self._file = stack.enter_context(path.open("wb"))
        self._sum = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> None:
        self._file.write(data)
        self._sum.update(data)
        self.size += len(data)

    def facts(self) -> dict[str, Any]:
        return {"bytes": self.size, "sha256": self._sum.hexdigest()}


def _write(
    folder: Path, plan: Shape, job: Job, shards: Iterator[Made], progress: Progress | None
) -> AnswerKey:
    """Writes the shards in order and adds up their counts."""
    lists = {name: ListWriter(plan, name) for name in plan.at("list") if _is_written(plan, job, name)}
    counts: dict[str, Any] = {}
    rows: dict[str, list[dict[str, Any]]] = {}
    with ExitStack() as stack:
        files = {"bib": _File(folder / BIB_FILE, stack)}
        for name, writer in lists.items():
            files[name] = _File(folder / writer.file, stack)
            files[name].write(writer.header())
        empty = {
            name: file.size for name, file in files.items() if name != "bib" and not lists[name].constant
        }
        for made in shards:
            for name, data in made.files.items():
                files[name].write(data)
            add(counts, made.counts)
            add(rows, made.rows)
            if progress is not None:
                progress(counts["bib"]["planted"], job.bibs)
    for name in [name for name, size in empty.items() if files[name].size == size]:
        files.pop(name).path.unlink()  # nobody exports what is not there
    settings = job.as_dict() | {"shape": plan.name, "as_of": plan.as_of}
    facts = {file.path.name: file.facts() for file in files.values()}
    return AnswerKey(settings, facts, counts, plan.at("expected"), rows["bib"], rows["item"], rows["patron"])


def _is_written(plan: Shape, job: Job, name: str) -> bool:
    """Whether this table under `list` is a list, and one that this library has."""
    if not isinstance(plan.at("list", name), dict) or "file" not in plan.at("list", name):
        return False
    if name in ("patron", "loan", "request"):
        return job.patrons > 0
    return job.listed if name == "item" else True
