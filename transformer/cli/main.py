"""Where the command begins and ends: runs the job, turns every error into a message and an exit code.

Exit codes (DESIGN.md): 0 done; 1 done, but over the site's limits; 2 usage; 3 rules; 4 extract;
5 machine; 6 the books do not close; 130 interrupted. Messages go to stderr, results to stdout; with
`--json` exactly one object on stdout at the end, also when it ends in an error.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import tempfile
import traceback
from collections.abc import Iterator, Sequence

import click

from transformer.cli.commands import group
from transformer.cli.jobs import INTERRUPTED, Interrupted, Job, Outcome
from transformer.cli.memory import keep_freed
from transformer.cli.usage import explain
from transformer.errors import MachineError, TransformerError


def main(words: Sequence[str] | None = None) -> int:
    """Run the command that `words` (else the command line) ask for; returns the exit code, raises nothing."""
    as_json = "--json" in (sys.argv[1:] if words is None else words)
    _forgive_the_screen()
    try:
        job = _understand(words)
        if isinstance(job, int):
            return _flushed(job)
        if words is None:
            keep_freed()
        return _done(job())
    except KeyboardInterrupt:
        return _failed(Interrupted(INTERRUPTED), as_json)
    except TransformerError as error:
        return _failed(error, as_json)
    except (MemoryError, OSError) as error:
        return _failed(_machine_error(error), as_json)
    except Exception as error:
        return _failed(_unexpected(error), as_json)


def _understand(words: Sequence[str] | None) -> Job | int:
    """The job that the words ask for, or an exit code where there is none (--help, --version)."""
    try:
        arguments = None if words is None else list(words)
        job: Job | int = group.main(arguments, prog_name="transformer", standalone_mode=False)
        return job
    except click.exceptions.NoArgsIsHelpError as error:
        sys.stderr.write(f"{error.format_message()}\n")
        return 2
    except SystemExit as end:
        # click ends the process itself after completing words for the shell, and when nobody reads its
        # help any more, which is no error.
        return int(end.code or 0) if "_TRANSFORMER_COMPLETE" in os.environ else 0
    except click.Abort:
        raise KeyboardInterrupt from None
    except click.ClickException as error:
        raise explain(error) from None


def _forgive_the_screen() -> None:
    """A screen that cannot show a letter shows its number instead of ending the command."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _done(outcome: Outcome) -> int:
    with _quiet_pipe():
        outcome.tell()
        sys.stdout.flush()
    return outcome.exit_code


def _flushed(exit_code: int) -> int:
    with _quiet_pipe():
        sys.stdout.flush()
    return exit_code


def _failed(error: TransformerError, as_json: bool) -> int:
    with _quiet_pipe(), contextlib.suppress(OSError):
        said = str(error)
        sys.stderr.write(said if said.startswith("transformer") else f"transformer: {said}")
        sys.stderr.write("\n")
        if as_json:
            from transformer.cli.objects import of_error, write

            write(of_error(error))
        sys.stdout.flush()
    return error.exit_code


@contextlib.contextmanager
def _quiet_pipe() -> Iterator[None]:
    """Who reads our output may stop reading (`| head`): that is no error."""
    try:
        yield
    except BrokenPipeError:
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _machine_error(error: MemoryError | OSError) -> TransformerError:
    """Disk, memory and permissions in our words; anything else of the operating system as it says it."""
    if isinstance(error, MemoryError):
        return MachineError(
            "the memory of this machine did not suffice",
            expected="about 1 GiB free",
            next_step="Close other programs, or try --threads 1.",
        )
    where = str(error.filename or "")
    if error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)):
        return MachineError(
            "the disk is full", where, next_step="Make room or choose another disk, run again."
        )
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return MachineError(
            f"permission denied ({error.strerror})", where, next_step="Check who may write there, run again."
        )
    if error.errno is None:
        return _unexpected(error)
    return MachineError(f"the operating system says: {error.strerror}", where)


def _unexpected(error: Exception) -> TransformerError:
    """Our own mistake: the details go to a file that only the user may read, the message says where."""
    if os.environ.get("TRANSFORMER_TRACEBACK") == "1":
        traceback.print_exception(error)
    trace = "".join(traceback.format_exception(error))
    try:
        handle, name = tempfile.mkstemp(prefix="transformer-error-", suffix=".txt", text=True)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(trace)
    except OSError:
        name = ""
    step = f"Please report it with the file {name}" if name else "Please report it with what you typed"
    return MachineError(
        f"a mistake of this program, not yours ({type(error).__name__})",
        expected="",
        next_step=f"{step}; look through it first, it may quote a line of your data.",
    )
