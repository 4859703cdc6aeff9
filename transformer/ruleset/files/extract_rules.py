"""What rule files say about extracts, numbers and dates, as plain dataclasses.

`rules/README.md` explains each key to a librarian; see `ruleset.files.rules` for the rest.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Literal

from transformer.ruleset.files.shapes import Shape

Container = Literal["marc", "embedded", "delimited", "fixed", "flat", "dump"]
ROWS = ("delimited", "fixed", "flat", "dump")
"""Containers of rows: each gives a table of text columns."""
LINKED = ("loan", "request", "item_status")
"""Kinds of rows that hang on an item; a number of their own is not needed."""
LOAN_NAMES = ("open", "due_date", "loan_date", "claimed", "patron_number", "patron_type")
REQUEST_NAMES = ("open", "on_shelf", "found", "placed", "expires", "pickup", "patron_number")
"""What item rules may ask of loans and requests, whether or not an extract has it."""


@dataclass(frozen=True)
class NumberShape(Shape):
    """How record numbers are written: least and most digits, what may stand before them, check digit.

    check_digit `mod11`: weights 2, 3, 4 ... from the right, sum modulo 11, 10 is written x.
    placeholder: a character that stands for any check digit. pattern: for numbers that are more than
    digits, a regular expression in place of all these.
    """

    digits: tuple[int, int] = (1, 18)
    pattern: str = ""
    leading: str = ""
    check_digit: Literal["", "mod11"] = ""
    placeholder: str = ""
    why: str = ""


@dataclass(frozen=True)
class NumberKind(Shape):
    """Numbers of one kind: their shape and the letter before the digits."""

    shape: str
    letter: str = ""


@dataclass(frozen=True)
class Dates(Shape):
    """A way dates are written: patterns tried in order (YYYY YY MM DD and signs), and the pivot.

    pivot: a two-digit year is of this century up to so many years after the day of the run.
    """

    patterns: tuple[str, ...]
    pivot: int = 20
    why: str = ""


@dataclass(frozen=True)
class Profile(Shape):
    """One layout of a MARC extract. signs: condition -> least share of a file's records that meet it.

    columns: name -> field specs, first that is not blank. drop: tags of the system, left out.
    merge `same-number`: bibs with one number and equal fields become one; may_differ: tags that are not
    compared (embedded fields and `drop` never are). differing: what happens to those whose fields differ:
    each for itself (`apart`), or the first takes the fields that it lacks (`united`).
    holdings `interleaved`: holdings stand in the file of the bibs under their bib's number.
    """

    name: str
    signs: dict[str, float] = dataclasses.field(default_factory=dict)
    columns: dict[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    drop: tuple[str, ...] = ()
    merge: Literal["", "same-number"] = ""
    may_differ: tuple[str, ...] = ("005",)
    differing: Literal["apart", "united"] = "apart"
    holdings: Literal["", "interleaved"] = ""
    why: str = ""


@dataclass(frozen=True)
class Again(Shape):
    """Fixed columns that repeat: `positions` of the first time, moved on by `every` bytes each time.

    times: positions of the count; empty = to the end of the row.
    """

    every: int
    positions: dict[str, str]
    times: str = ""


@dataclass(frozen=True)
class Flat(Shape):
    """Text in documents. boundary: how the line before each begins. A tag stands between tag_start and
    tag_end at the beginning of a line, its value behind value_start (blanks before it are left out).

    A tag that ends in block_start opens a block, the same name with block_end closes it; tags inside are
    called `BLOCK/TAG`. A line without a tag goes on with the value before, `join` between. skip: lines
    that begin so say nothing.

    Of MARC records, value_start is the sign of a subfield, and leader says how a leader is made of the field
    000: text with {0} for its first character, {1} for the second ...
    """

    boundary: str
    tag_start: str = "."
    tag_end: str = "."
    value_start: str = ""
    block_start: str = ""
    block_end: str = ""
    join: str = " "
    skip: tuple[str, ...] = ()
    leader: str = ""


@dataclass(frozen=True)
class Extract(Shape):
    """One extract: a file, or the part of one, that gives records, fields or rows of one kind.

    container: `marc`, `embedded` (fields of another extract), or rows: `delimited`, `fixed`, `flat`, `dump`.
    makes: what each is (bib, holdings, item, patron, loan, request, item_status, code_list); the extract's
    name if not said. adds_to: in place of makes: the kind to whose things its rows add columns, by `links`.
    files: patterns of file names. number: field specs, subfield, column or template of the record number.
    parent: column with the parent bib's number (field specs for holdings). links: `item.number` and the
    like -> column that holds it. key: field specs that tell holdings without a number of their own apart.
    only_if: condition; rows that do not meet it are set aside. marks: column that is `yes` -> condition.
    texts: column -> template of columns.
    dump: table and column of a dump whose values are MARC records, `table.column`.
    columns: of an embedded field, name -> subfield code. headers: header, tag or column of a table -> name.
    order: names of the columns where a file has no header. positions: of fixed columns, name -> `1-10`,
    bytes from 1; again: those that repeat; rest: column for what stands behind all; record_bytes: length
    of a row without line end. flat: see `Flat`. table: of a dump.
    blank: spellings of nothing, compared after trimming; blanks: further ones of single columns.
    subfields: column -> {code: column} for values like `|aPR4034|b.P7`. together: columns that are one
    value and come from one source. kind: of statuses or codes that do not say theirs; kinds: their own
    word -> ours. check_digit: whether its numbers end in one; without it every file is asked.
    """

    container: Container
    makes: str = ""
    adds_to: str = ""
    files: tuple[str, ...] = ()
    number: tuple[str, ...] = ()
    parent: tuple[str, ...] = ()
    links: dict[str, str] = dataclasses.field(default_factory=dict)
    key: tuple[str, ...] = ()
    only_if: str = ""
    marks: dict[str, str] = dataclasses.field(default_factory=dict)
    texts: dict[str, str] = dataclasses.field(default_factory=dict)
    blank: tuple[str, ...] = ()
    blanks: dict[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    suppress: str = ""
    profile: tuple[Profile, ...] = ()
    dump: str = ""
    inside: str = ""
    field: str = ""
    columns: dict[str, str] = dataclasses.field(default_factory=dict)
    delimiter: str = ""
    quote: str = '"'
    repeats: tuple[str, ...] = ()
    encoding: str = "utf-8"
    headers: dict[str, str] = dataclasses.field(default_factory=dict)
    order: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    positions: dict[str, str] = dataclasses.field(default_factory=dict)
    again: Again | None = None
    rest: str = ""
    record_bytes: int = 0
    flat: Flat | None = None
    table: str = ""
    subfields: dict[str, dict[str, str]] = dataclasses.field(default_factory=dict)
    together: tuple[tuple[str, ...], ...] = ()
    kind: str = ""
    kinds: dict[str, str] = dataclasses.field(default_factory=dict)
    check_digit: bool | None = None
    personal: bool = False
    why: str = ""

    @property
    def is_rows(self) -> bool:
        """Whether its things are rows of text columns."""
        return self.container in ROWS

    @property
    def named(self) -> tuple[str, ...]:
        """Columns of a row extract as the rules call them, each once."""
        again = self.again.positions if self.again is not None else {}
        rest = [self.rest] if self.rest else []
        names = (*self.headers.values(), *self.order, *self.positions, *again, *rest)
        return tuple(dict.fromkeys(names))

    def blank_of(self, column: str) -> tuple[str, ...]:
        """Spellings of nothing in a column."""
        return (*self.blank, *self.blanks.get(column, ()))
