"""How long work tells the one who waits how far it is. The command line draws it; a library may ignore it."""

from __future__ import annotations

from threading import Lock
from typing import Protocol


class Progress(Protocol):
    """Told from one thread only, at most a few times a second for each partition.

    Units: bytes of input for `total` and `advance`; records for the count beside it.
    """

    def phase(self, name: str, total_bytes: int) -> None:
        """A new phase begins, e.g. "read", "apply", "write". total_bytes 0 = unknown."""

    def advance(self, byte_count: int, record_count: int) -> None:
        """So much more of this phase is done."""

    def say(self, line: str) -> None:
        """One plain line that should not get lost, e.g. that kernels are being compiled."""


class Silent:
    """Progress for nobody."""

    def phase(self, name: str, total_bytes: int) -> None:
        """Nothing."""

    def advance(self, byte_count: int, record_count: int) -> None:
        """Nothing."""

    def say(self, line: str) -> None:
        """Nothing."""


class Relayed:
    """For work in another thread than the one that progress is told from: counts, which `tell` hands on.

    `here` is the progress for the work in that thread itself: it hands on the other's with its own.
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._lock = Lock()
        self._bytes = self._records = 0
        self._lines: list[str] = []

    def phase(self, name: str, total_bytes: int) -> None:
        """Nothing: phases are begun by whoever began this work."""

    def advance(self, byte_count: int, record_count: int) -> None:
        """From any thread."""
        with self._lock:
            self._bytes += byte_count
            self._records += record_count

    def say(self, line: str) -> None:
        """From any thread."""
        with self._lock:
            self._lines.append(line)

    def tell(self) -> None:
        """Hand on what was counted and said since the last time; from the one thread."""
        with self._lock:
            byte_count, record_count, lines = self._bytes, self._records, self._lines
            self._bytes, self._records, self._lines = 0, 0, []
        for line in lines:
            self._progress.say(line)
        if byte_count or record_count:
            self._progress.advance(byte_count, record_count)

    def here(self) -> Progress:
        """Progress for the one thread."""
        return _Here(self)


class _Here:
    def __init__(self, relayed: Relayed) -> None:
        self._relayed = relayed

    def phase(self, name: str, total_bytes: int) -> None:
        self._relayed.phase(name, total_bytes)

    def advance(self, byte_count: int, record_count: int) -> None:
        self._relayed.advance(byte_count, record_count)
        self._relayed.tell()

    def say(self, line: str) -> None:
        self._relayed.say(line)
        self._relayed.tell()
