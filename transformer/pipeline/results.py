"""What a finished conversion or run tells: plain facts, for the screen, for `--json`, for a notebook."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class OutputFact:
    """One delivered file: name relative to the output folder, records or rows in it, size, sha256 (empty
    where it was not asked for)."""

    name: str
    record_count: int
    byte_count: int
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class IssueTally:
    """How often an issue code was found, with the first finding in file order as an example."""

    code: str
    severity: str
    count: int
    example: str


@dataclass(frozen=True, slots=True)
class InputFact:
    """One file that was read: its name (with its name in an archive), what container it was found or said
    to be, its size unpacked."""

    name: str
    container: str
    byte_count: int


@dataclass(frozen=True, slots=True)
class ConvertResult:
    """What `convert` did. read = written + set aside, always. elapsed_s: seconds of wall clock. inputs: what
    was read, as it was found by looking. part_count: records in the output beyond those written, where long
    ones were split."""

    read_count: int
    written_count: int
    set_aside_count: int
    files: tuple[OutputFact, ...]
    issues: tuple[IssueTally, ...]
    elapsed_s: float
    inputs: tuple[InputFact, ...] = ()
    part_count: int = 0


@dataclass(frozen=True, slots=True)
class QueryResult:
    """The answer to a query. rows: all of it, or as many as were asked for; none where it was written to
    `files`. row_count: rows of the whole answer.

    read_count: records of the files that were read, as far as the query needed them (`to_the_end`: all).
    set_aside_count: of these, those that could not be read and are in no table. finding_count: rows that
    the table `issue` has of them. changed_count: values of a CSV whose control characters became blanks.
    """

    rows: pa.Table
    row_count: int
    read_count: int
    set_aside_count: int
    finding_count: int
    to_the_end: bool
    files: tuple[OutputFact, ...]
    inputs: tuple[InputFact, ...]
    elapsed_s: float
    changed_count: int = 0


@dataclass(frozen=True, slots=True)
class WorklistFact:
    """One list: the status, what is to be done, its folder, and how many items and barcodes are on it."""

    status: str
    title: str
    folder: str
    item_count: int
    barcode_count: int
    no_barcode_count: int


@dataclass(frozen=True, slots=True)
class WorklistResult:
    """What `worklists` wrote. undecided: codes that no row of the map knows, with their items."""

    folder: Path
    run: str
    lists: tuple[WorklistFact, ...]
    undecided: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """One row of the books: read = written + merged + set aside (schema/books.py LEDGER)."""

    source_file: str
    kind: str
    read_count: int
    written_count: int
    merged_count: int
    set_aside_count: int
    made_count: int
    parents: str = ""


@dataclass(frozen=True, slots=True)
class RunResult:
    """What `run` did. exit_code: 0 done, 1 done but over the site's limits (`reasons` says which)."""

    folder: Path
    exit_code: int
    ledger: tuple[LedgerRow, ...]
    issues: tuple[IssueTally, ...]
    files: tuple[OutputFact, ...]
    reasons: tuple[str, ...]
    elapsed_s: float
