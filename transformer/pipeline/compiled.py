"""One line where kernels have still to be compiled, so that nobody thinks it hangs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from transformer.engines.progress import Progress
from transformer.errors import MachineError


@contextlib.contextmanager
def compiling(work: str, progress: Progress) -> Iterator[None]:
    """Say so before a kind of work (`run`, `convert marcxml` ...) that is done here for the first time.

    Measured on 2 cores: about 12 s for a conversion and 15 s for a run, once for each version on each
    machine. Only work that ended well counts as done. Raises MachineError where compiled code cannot be
    written: nobody else on the way writes files without a name, and the extract is not to blame.
    """
    from transformer.kernels.jit import CACHE_FOLDER, is_cold, mark_compiled

    cold = is_cold(work)
    if cold:
        progress.say("First time on this machine: compiling the kernels once, this takes some seconds.")
    try:
        yield
    except OSError as error:
        named = Path(str(error.filename)) if error.filename else None
        if cold and (named is None or named.is_relative_to(CACHE_FOLDER)):
            raise MachineError(
                f"the compiled kernels cannot be written: {error.strerror}",
                str(CACHE_FOLDER),
                "a folder with some 100 MB of room",
                "Make room there, or set TRANSFORMER_CACHE to another folder.",
            ) from None
        raise
    if cold:
        mark_compiled(work)
