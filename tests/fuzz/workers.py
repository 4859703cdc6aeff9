"""Processes that read fuzz cases: one that crashes or hangs costs itself, and its case is known."""

from __future__ import annotations

import multiprocessing
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path

from tests.fuzz.case import Case
from tests.memory import peak_bytes

SPAWN = multiprocessing.get_context("spawn")
CASE_S = 120.0
"""Seconds a case may take; the first of a process also waits for kernels."""
FIRST_S = 600.0

Job = tuple[str, int, int] | Case
"""(container, seed, number), or a whole case."""


@dataclass
class Answer:
    """What became of a job. why: empty where all holds. kinds: pieces by what was done to them. counts: spans
    by what became of them. peak: bytes of memory the process has had. elapsed_s: making and reading it."""

    job: Job
    why: str = ""
    kinds: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    peak: int = 0
    elapsed_s: float = 0.0


def made(job: Job) -> Case:
    """The case that a job means."""
    if isinstance(job, Case):
        return job
    container, seed, number = job
    if container == "iso2709":
        from tests.fuzz import iso2709

        return iso2709.made(seed, number)
    if container == "delimited":
        from tests.fuzz import rows

        return rows.made(seed, number)
    from tests.fuzz import lines

    return lines.made(container, seed, number)


def answer(job: Job, folder: Path) -> Answer:
    """Make the case, read it, tell what was found. Anything raised is a finding."""
    began = time.monotonic()
    case = made(job)
    found = Answer(job, kinds=Counter(piece.kind for piece in case.pieces if piece.kind))
    try:
        if case.container == "delimited":
            from tests.fuzz.rows import check
        else:
            from tests.fuzz.check import check
        found.counts.update(check(case, folder))
    except AssertionError as error:
        found.why = f"{type(error).__name__}: {error}"[:2000]
    except Exception:
        found.why = traceback.format_exc()[-2000:]
    found.elapsed_s = time.monotonic() - began
    found.peak = peak_bytes()
    return found


def serve(pipe: Connection) -> None:
    """The life of a process: jobs in, answers out, until None comes."""
    with tempfile.TemporaryDirectory() as folder:
        while (job := pipe.recv()) is not None:
            pipe.send(answer(job, Path(folder)))


class Worker:
    """One process, its job and its deadline."""

    def __init__(self) -> None:
        self.pipe, theirs = SPAWN.Pipe()
        self.process = SPAWN.Process(target=serve, args=(theirs,), daemon=True)
        self.process.start()
        theirs.close()
        self.job: Job | None = None
        self.deadline = 0.0
        self.limit = FIRST_S

    def give(self, job: Job) -> None:
        self.job, self.deadline = job, time.monotonic() + self.limit
        self.limit = CASE_S
        self.pipe.send(job)

    def take(self) -> Answer:
        """The answer that is there, or that there will be none."""
        assert self.job is not None
        try:
            found: Answer = self.pipe.recv()
        except (EOFError, ConnectionError):
            self.process.join()
            found = Answer(self.job, f"the process died ({self.process.exitcode})")
        self.job = None
        return found

    def end(self) -> None:
        if self.process.is_alive():
            self.process.kill()
        self.process.join()


def run(jobs: Iterator[Job], count: int) -> Iterator[Answer]:
    """Answers to all jobs, as they come, by so many processes."""
    workers = [Worker() for _ in range(count)]
    try:
        busy = [worker for worker in workers if _given(worker, jobs)]
        while busy:
            left = min(worker.deadline for worker in busy) - time.monotonic()
            ready = wait([worker.pipe for worker in busy], max(0.0, left))
            for at, worker in enumerate(busy):
                if worker.pipe in ready:
                    found = worker.take()
                elif time.monotonic() > worker.deadline:
                    assert worker.job is not None
                    found = Answer(worker.job, f"no answer in {CASE_S:.0f} s")
                    worker.end()
                else:
                    continue
                yield found
                if not worker.process.is_alive():
                    worker.end()
                    workers.remove(worker)
                    workers.append(Worker())
                    busy[at] = workers[-1]
                busy[at].job = None
                _given(busy[at], jobs)
            busy = [worker for worker in busy if worker.job is not None]
    finally:
        for worker in workers:
            worker.end()


def _given(worker: Worker, jobs: Iterator[Job]) -> bool:
    job = next(jobs, None)
    if job is not None:
        worker.give(job)
    return job is not None
