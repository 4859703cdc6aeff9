"""How far the work is: a bar on a terminal, plain lines elsewhere, nothing with --quiet. All on stderr.

    read ━━━━━━━━━━━━━━━━━━━━━━━━╸               61 % 612,000 records   291,000/s   8 s left

Lines elsewhere (a log, a pipe, a dumb terminal): at most one every five seconds.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final, TextIO

from transformer.engines.progress import Progress, Silent

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

LINE_EVERY_S: Final = 5.0


@contextlib.contextmanager
def waiting(quiet: bool) -> Iterator[Progress]:
    """The progress that suits who waits; taken off the screen at the end, also when the work fails."""
    if quiet:
        yield Silent()
        return
    drawn: Bar | Lines = Bar() if is_screen(sys.stderr) else Lines(sys.stderr)
    try:
        yield drawn
    finally:
        drawn.close()


def is_screen(stream: TextIO) -> bool:
    """True for a terminal that can move its cursor."""
    return stream.isatty() and os.environ.get("TERM", "") not in ("dumb", "unknown")


class Lines:
    """Progress as plain lines, for logs and pipes. `clock` gives seconds and only ever goes up."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream
        self._clock = clock
        self._last_line = clock()
        self._name = ""
        self._total = self._bytes = self._records = 0
        self._began = self._last_line

    def phase(self, name: str, total_bytes: int) -> None:
        """A new phase; says nothing yet, since most phases are short."""
        self._name, self._total = name, total_bytes
        self._bytes = self._records = 0
        self._began = self._clock()

    def advance(self, byte_count: int, record_count: int) -> None:
        """Count; a line if the last one is five seconds old."""
        self._bytes += byte_count
        self._records += record_count
        now = self._clock()
        if now - self._last_line >= LINE_EVERY_S:
            self._last_line = now
            self._write(self._line(now - self._began))

    def say(self, line: str) -> None:
        """The line, at once."""
        self._write(line)

    def close(self) -> None:
        """Nothing is left to take away."""

    def _line(self, elapsed_s: float) -> str:
        parts = []
        if self._total:
            parts.append(f"{min(100, 100 * self._bytes // self._total)} %")
        if self._records:
            parts.append(f"{self._records:,} records")
            if elapsed_s > 0:
                parts.append(f"{self._records / elapsed_s:,.0f} records/s")
        if self._total and 0 < self._bytes < self._total:
            left_s = elapsed_s * (self._total - self._bytes) / self._bytes
            parts.append(f"about {clock_time(left_s)} left")
        return f"{self._name}: {', '.join(parts) or 'at work'}"

    def _write(self, line: str) -> None:
        self._stream.write(f"{line}\n")
        self._stream.flush()


class Bar:
    """Progress as a bar that moves; rich is imported when the first phase begins."""

    def __init__(self) -> None:
        self._drawn: RichProgress | None = None
        self._task: TaskID | None = None
        self._total = self._bytes = self._records = 0
        self._began = 0.0

    def phase(self, name: str, total_bytes: int) -> None:
        """The next bar takes the place of the last."""
        drawn = self._drawn or self._start()
        if self._task is not None:
            drawn.remove_task(self._task)
        self._total = total_bytes
        self._bytes = self._records = 0
        self._began = time.monotonic()
        self._task = drawn.add_task(name, total=total_bytes or None, counted="")

    def advance(self, byte_count: int, record_count: int) -> None:
        """Move the bar; rich redraws ten times a second."""
        if self._drawn is None or self._task is None:
            return
        self._records += record_count
        elapsed_s = time.monotonic() - self._began
        self._bytes += byte_count
        counted = f"{self._records:,} records" if self._records else ""
        if self._records and elapsed_s > 0.5:
            counted += f"   {self._records / elapsed_s:,.0f}/s"
        if elapsed_s > 2 and 0 < self._bytes < self._total:
            left_s = elapsed_s * (self._total - self._bytes) / self._bytes
            counted += f"   {clock_time(left_s)} left"
        self._drawn.update(self._task, advance=byte_count, counted=counted)

    def say(self, line: str) -> None:
        """The line, above the bar."""
        if self._drawn is None:
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()
        else:
            self._drawn.console.print(line, markup=False, highlight=False)

    def close(self) -> None:
        """Take the bar off the screen."""
        if self._drawn is not None:
            self._drawn.stop()

    def _start(self) -> RichProgress:
        from rich import progress
        from rich.console import Console

        self._drawn = progress.Progress(
            progress.TextColumn("{task.description}", markup=False),
            progress.BarColumn(),
            progress.TaskProgressColumn("{task.percentage:>3.0f} %"),
            progress.TextColumn("{task.fields[counted]}", markup=False),
            console=Console(stderr=True),
            transient=True,
        )
        self._drawn.start()
        return self._drawn


def clock_time(seconds: float) -> str:
    """Seconds as a person says them: 8 s, 3 min 20 s, 2 h 5 min.

    >>> clock_time(200)
    '3 min 20 s'
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
