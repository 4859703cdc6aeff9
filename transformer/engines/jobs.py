"""Jobs of several kinds, done by the same threads, so that none of them waits for the end of a kind."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any, NamedTuple

from transformer.engines import Workers


class Job(NamedTuple):
    """work: what is done, in any thread. then: what is done with its result, in the thread of `finish`."""

    work: Callable[[], Any]
    then: Callable[[Any], None] = lambda _: None


class _Kind:
    def __init__(self, jobs: Iterable[Job], ended: Callable[[], Iterable[Job]] | None) -> None:
        self.jobs, self.ended = iter(jobs), ended
        self.under_way = 0
        self.all_begun = False


class Jobs:
    """Jobs that `finish` does, begun in the order in which they were added, ended in any.

    Jobs are taken lazily, in the thread of `finish`: at most threads + 1 of them are under way or wait to be
    taken. What must not depend on the number of threads has to be put into its order by whoever wants it.
    """

    def __init__(self, threads: int) -> None:
        self._threads = threads
        self._kinds: deque[_Kind] = deque()

    def add(self, jobs: Iterable[Job], ended: Callable[[], Iterable[Job]] | None = None) -> None:
        """More jobs. ended: called when all of them are done; the jobs that it gives come next."""
        self._kinds.append(_Kind(jobs, ended))

    def finish(self) -> None:
        """Do all jobs. The first error stops: what has not begun is dropped, what runs is waited for, the
        error is raised. threads = 1 does everything in the caller's thread."""
        if self._threads == 1:
            for kind, job in self._taken():
                self._done(kind, job, job.work())
            return
        running: dict[Future[Any], tuple[_Kind, Job]] = {}
        taken = self._taken()
        with Workers(self._threads) as workers:
            while True:
                while len(running) <= self._threads and (one := next(taken, None)):
                    running[workers.submit(_work, one[1])] = one
                if not running:
                    return
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    kind, job = running.pop(future)
                    self._done(kind, job, future.result())
                # A generator that ended is not asked again: there may be new jobs.
                taken = self._taken()

    def _taken(self) -> Iterator[tuple[_Kind, Job]]:
        while self._kinds:
            kind = self._kinds[0]
            job = next(kind.jobs, None)
            if job is not None:
                kind.under_way += 1
                yield kind, job
                continue
            self._kinds.popleft()
            kind.all_begun = True
            self._end(kind)

    def _done(self, kind: _Kind, job: Job, result: Any) -> None:
        job.then(result)
        kind.under_way -= 1
        self._end(kind)

    def _end(self, kind: _Kind) -> None:
        """What comes after the last job of a kind, once it is done."""
        if kind.ended and kind.all_begun and not kind.under_way:
            self._kinds.appendleft(_Kind(kind.ended(), None))


def _work(job: Job) -> Any:
    return job.work()
