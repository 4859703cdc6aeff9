"""The facts of one run, as its phases hand them on."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from transformer.pipeline.applied import Applied
from transformer.pipeline.plan import Planned
from transformer.pipeline.results import OutputFact
from transformer.pipeline.runs import RunFolder
from transformer.pipeline.set_aside import Piece
from transformer.pipeline.staged import Staged, Stored
from transformer.ruleset.files.project import Project
from transformer.ruleset.files.rules import RuleSet


@dataclass(slots=True)
class Emitted:
    """What the writers did. written: (source file, kind) -> records that were rendered, where writers can
    tell; filed: kind -> records or rows in its finished files; files in the order of writing; failed: what
    could not be written."""

    files: list[OutputFact] = field(default_factory=list)
    written: dict[tuple[str, str], int] = field(default_factory=dict)
    filed: dict[str, int] = field(default_factory=dict)
    failed: list[Piece] = field(default_factory=list)
    issues: list[Stored] = field(default_factory=list)

    def file(self, kind: str, files: Iterable[OutputFact]) -> None:
        """More finished files that hold a kind."""
        for made in files:
            self.files.append(made)
            self.filed[kind] = self.filed.get(kind, 0) + made.record_count

    def count(self, written: Mapping[str, int], kind: str) -> None:
        """More records of a kind that were rendered, by source file."""
        for file, count in written.items():
            self.written[file, kind] = self.written.get((file, kind), 0) + count


@dataclass(slots=True)
class Clock:
    """Seconds each phase took, for the marked part of the manifest; never in what must be the same twice."""

    began: float = field(default_factory=time.monotonic)
    last: float = field(default_factory=time.monotonic)
    phases: dict[str, float] = field(default_factory=dict)

    def done(self, phase: str) -> None:
        """The phase ends now."""
        now = time.monotonic()
        self.phases[phase] = round(now - self.last, 3)
        self.last = now


@dataclass(frozen=True, slots=True)
class RunFacts:
    """Everything known when the delivery is written. day: the day that rules took for today. inputs: extract,
    name, size and SHA-256 of each extract file. announce_starters: told of starter maps before they are
    written (see `pipeline.starters`)."""

    folder: RunFolder
    library: Path
    project: Project
    ruleset: RuleSet
    planned: Planned
    staged: Staged
    applied: Applied
    emitted: Emitted
    day: datetime.date
    clock: Clock
    inputs: list[tuple[str, str, int, str]]
    announce_starters: Callable[[Mapping[str, str]], None]
