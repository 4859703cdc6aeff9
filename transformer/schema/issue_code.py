"""What an issue code means."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class IssueCode:
    """What an issue code means: its usual severity, a sentence, and what to do about it.

    by_value: its values are few and are counted one by one, each with an example.
    """

    severity: str
    sentence: str
    remedy: str
    by_value: bool = False
