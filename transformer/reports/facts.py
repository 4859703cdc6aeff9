"""What a report is made from, besides the issue table and the ledger. Plain, frozen facts; no Arrow."""

from __future__ import annotations

import datetime
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tally:
    """One issue code: how often, what it means, what to do, and where to look first.

    examples: places, at most three, in the order of the issue table; never values of a person's record.
    """

    code: str
    severity: str
    count: int
    sentence: str
    remedy: str
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SetAside:
    """So many of a kind were set aside for one reason (an issue code, or a rule's name); file: where
    the bytes lie, relative to the run's folder."""

    kind: str
    reason: str
    count: int
    file: str


@dataclass(frozen=True, slots=True)
class UnmappedCode:
    """A source code that its map does not know. map: the map's name; file: where to fill it in.

    blocks: True where it keeps rows out of the delivery (library, location).
    """

    map: str
    code: str
    count: int
    file: str = ""
    example: str = ""
    blocks: bool = False


@dataclass(frozen=True, slots=True)
class ProfileFound:
    """The layout found for one extract file, and why: the signs with their shares, in words."""

    extract: str
    source_file: str
    profile: str
    why: str


@dataclass(frozen=True, slots=True)
class SuppressionValue:
    """A value that may mean `suppressed`. suppresses: None until the site has decided."""

    kind: str
    column: str
    value: str
    count: int
    suppresses: bool | None = None


@dataclass(frozen=True, slots=True)
class DeliveredFile:
    """A file of the delivery: name relative to out/, records or rows, bytes, sha256 in hexadecimal."""

    name: str
    record_count: int
    byte_count: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ReportFacts:
    """All that `write_report` tells besides the ledger.

    site, system: names as the project gives them. run: name of the run's folder. target: migration or
    self-load. as_of: the day that rules took for today. exit_code, reasons: as the command ends, and the
    limits passed. notes: further sentences for the reader, e.g. what an expected result is. times: one
    line about when and how long, the only thing that may differ between two runs of the same input;
    empty to leave it out.
    """

    site: str
    system: str
    run: str
    target: str
    as_of: datetime.date
    version: str
    exit_code: int
    reasons: tuple[str, ...] = ()
    tallies: tuple[Tally, ...] = ()
    set_aside: tuple[SetAside, ...] = ()
    unmapped: tuple[UnmappedCode, ...] = ()
    profiles: tuple[ProfileFound, ...] = ()
    suppression: tuple[SuppressionValue, ...] = ()
    files: tuple[DeliveredFile, ...] = ()
    notes: tuple[str, ...] = ()
    times: str = ""
