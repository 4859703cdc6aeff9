"""One line where kernels have still to be compiled, so that nobody thinks it hangs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from transformer.engines.progress import Progress


@contextlib.contextmanager
def compiling(work: str, progress: Progress) -> Iterator[None]:
    """Say so before a kind of work (`run`, `convert marcxml` ...) that is done here for the first time.

    Measured on 2 cores: about 12 s for a conversion and 15 s for a run, once for each version on each
    machine. Only work that ended well counts as done.
    """
    from transformer.kernels.jit import is_cold, mark_compiled

    cold = is_cold(work)
    if cold:
        progress.say("First time on this machine: compiling the kernels once, this takes some seconds.")
    yield
    if cold:
        mark_compiled(work)
