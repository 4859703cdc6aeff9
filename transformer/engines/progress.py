"""How long work tells the one who waits how far it is. The command line draws it; a library may ignore it."""

from __future__ import annotations

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
