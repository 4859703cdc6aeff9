"""Who does the work: `map` of an importable function over partitions, results in order.

An engine knows no formats. The function is importable and the items are plain data, so that the same
call may later run elsewhere. Results come back in the order of the items whatever finished first, and
only a few are in flight, so memory does not grow with the number of items.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor
from typing import TypeVar

from transformer.errors import UsageError

T = TypeVar("T")
R = TypeVar("R")


def thread_count(asked: int | None) -> int:
    """Threads to use: as asked (1 or more), else one per core that this process may use."""
    if asked is not None:
        if asked < 1:
            raise UsageError(f"{asked} threads asked for", "--threads", "1 or more")
        return asked
    if hasattr(os, "sched_getaffinity"):
        return max(1, len(os.sched_getaffinity(0)))
    return max(1, os.cpu_count() or 1)


class Workers:
    """Threads that several `map_ordered` share, so that no more than `count` calls are ever under way.

    For a `with` block: at its end what has not begun is dropped and what runs is waited for. `stop` makes
    every `map_ordered` that has them raise CancelledError instead of its next result. Results are asked for
    by threads that are none of the workers.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self.stopped = False
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="transformer")

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
        self._pool.shutdown(cancel_futures=True)

    def stop(self) -> None:
        """Nobody wants more results."""
        self.stopped = True

    def submit(self, function: Callable[[T], R], item: T) -> Future[R]:
        """function(item), as soon as a thread is free."""
        return self._pool.submit(function, item)


Threads = int | Workers
"""How many threads a call may start, or those it is to share with others."""


def map_ordered(
    function: Callable[[T], R], items: Iterable[T], threads: Threads, ahead: int | None = None
) -> Iterator[R]:
    """function(item) for each item, in order. threads = 1 runs in the caller's thread.

    Items are taken lazily, at most `ahead` (default threads + 1) are under way or waiting to be taken.
    The first error stops: what has not begun is dropped, what runs is waited for, the error is raised.
    """
    if threads == 1:
        yield from map(function, items)
    elif isinstance(threads, Workers):
        yield from _in_order(function, items, threads, ahead or threads.count + 1)
    else:
        with Workers(threads) as workers:
            yield from _in_order(function, items, workers, ahead or threads + 1)


def _in_order(function: Callable[[T], R], items: Iterable[T], workers: Workers, limit: int) -> Iterator[R]:
    waiting: deque[Future[R]] = deque()
    try:
        for item in items:
            waiting.append(workers.submit(function, item))
            if len(waiting) >= limit:
                yield _next(waiting, workers)
        while waiting:
            yield _next(waiting, workers)
    finally:
        for future in waiting:
            future.cancel()


def _next(waiting: deque[Future[R]], workers: Workers) -> R:
    if workers.stopped:
        raise CancelledError
    return waiting.popleft().result()
