"""What `explain` found about one number: plain facts, for the screen, for `--json`, for a notebook.

Values of people are masked where the facts are made, so that nothing that shows them can forget to.
"""

from __future__ import annotations

from dataclasses import dataclass, field

Pair = tuple[str, str | None]
"""A name and its value; None where there is none."""


@dataclass(frozen=True, slots=True)
class CameAs:
    """One place of an extract where the thing, or what hangs on it, stands.

    what: item, bib, loan ... line, field_no: where they apply. raw: the bytes as text, control characters
    as escapes, cut after RAW_MOST; empty where masked. parsed: tag or column, and value. changed: the file
    is no longer what the run read.
    """

    what: str
    extract: str
    source_file: str
    byte_start: int
    byte_count: int
    record_no: int | None = None
    field_no: int | None = None
    line: int | None = None
    raw: str = ""
    parsed: tuple[Pair, ...] = ()
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One rule of one column. rule: its file and line. inputs: names and values it was given. condition:
    its `when`, met: whether it held. looked_up: what it looked up in `map`; map_row: file and line of the row
    that answered. after: what it gave; taken: whether that is the column's value."""

    column: str
    rule: str
    inputs: tuple[Pair, ...]
    after: str | None
    taken: bool
    does: str = ""
    condition: str = ""
    met: bool = True
    map: str = ""
    looked_up: str = ""
    map_row: str = ""
    mapped: bool = True


@dataclass(frozen=True, slots=True)
class Change:
    """One edit of a record: its id, file and line, what it says, the fields before and after."""

    rule: str
    place: str
    says: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """An issue. counted: the row of the issue table speaks of many things, of which this is one."""

    severity: str
    code: str
    sentence: str
    message: str
    column: str = ""
    value: str = ""
    counted: bool = False


@dataclass(frozen=True, slots=True)
class WentTo:
    """Where it was written. place: `record 12` or `row 7 (line 8)`. values: what stands there."""

    file: str
    place: str
    values: tuple[Pair, ...] = ()


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing that has the number: kind, its number as delivered, its key without check digit.

    why: how what was typed was understood. fate: what became of it, in a sentence. rows: rows of children
    (table, rule, values).
    """

    kind: str
    number: str
    key: str
    why: str
    fate: str
    came_as: tuple[CameAs, ...] = ()
    steps: tuple[Step, ...] = ()
    changes: tuple[Change, ...] = ()
    rows: tuple[tuple[str, str, tuple[Pair, ...]], ...] = ()
    found: tuple[Found, ...] = ()
    went_to: tuple[WentTo, ...] = ()
    related: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer. asked: as typed. run: its folder. near: numbers like it, where nothing has it. notes: what
    the reader must know, e.g. that an extract has changed."""

    asked: str
    run: str
    things: tuple[Thing, ...] = ()
    near: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())
