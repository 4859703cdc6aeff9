"""Who does the work: `map` of an importable function over partitions, results in order.

An engine knows no formats. The function is importable and the items are plain data, so that the same
call may later run elsewhere. Results come back in the order of the items whatever finished first, and
only a few are in flight, so memory does not grow with the number of items.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
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


def map_ordered(
    function: Callable[[T], R], items: Iterable[T], threads: int, ahead: int | None = None
) -> Iterator[R]:
    """function(item) for each item, in order. threads = 1 runs in the caller's thread.

    Items are taken lazily, at most `ahead` (default threads + 1) are under way or waiting to be taken.
    The first error stops: what has not begun is dropped, what runs is waited for, the error is raised.
    """
    if threads == 1:
        yield from map(function, items)
        return
    limit = ahead or threads + 1
    source = iter(items)
    waiting: deque[Future[R]] = deque()
    with ThreadPoolExecutor(threads, thread_name_prefix="transformer") as pool:
        try:
            for item in source:
                waiting.append(pool.submit(function, item))
                if len(waiting) >= limit:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
