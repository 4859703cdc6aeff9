"""How a delimited file is written, what looking at it found, and the partitions it is read in."""

from __future__ import annotations

import codecs
from dataclasses import dataclass, field
from typing import Final

from transformer.errors import UsageError
from transformer.extracts.model import Partition

CANDIDATES: Final = (",", "|", "\t", "~", ";")
"""Delimiters tried where none is named, in this order where two fit equally well."""


@dataclass(frozen=True, slots=True)
class Found:
    """What looking at the head of a delimited file showed.

    columns: number of columns in the header. row_count: rows looked at, without header and blank lines.
    fit_count: those with as many values as the header. quoted_share: share of values that stand in
    qualifiers. tried: (delimiter, columns, share of rows that fit) for each one tried. duplicates: header
    names that occur more than once. why: the finding in one sentence.
    """

    columns: int
    row_count: int
    fit_count: int
    quoted_share: float
    tried: tuple[tuple[str, int, float], ...]
    duplicates: tuple[str, ...]
    why: str

    @property
    def share(self) -> float:
        """Share of rows that have as many values as the header, 0.0 to 1.0."""
        return self.fit_count / self.row_count if self.row_count else 0.0


@dataclass(frozen=True, slots=True)
class DelimitedShape:
    """How a delimited file is written.

    delimiter: one ASCII character; None = to be found by looking. qualifier: one ASCII character around
    values, None = none. repeat: one ASCII character between repeated values of a column: `"a";"b"` with
    a qualifier, `a;b` without; empty = no repeats. encoding: utf-8, or one of a byte a character that
    Python knows (latin-1, cp1252 ...). header: the first row holds the names of the columns. found: what
    looking showed; no part of what makes two shapes equal.

    Raises UsageError where these do not fit together.
    """

    delimiter: str | None
    qualifier: str | None
    repeat: str = ";"
    encoding: str = "utf-8"
    header: bool = True
    found: Found | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        for what, value in (
            ("delimiter", self.delimiter),
            ("qualifier", self.qualifier),
            ("repeat", self.repeat),
        ):
            if value and (len(value) != 1 or not value.isascii() or value in "\r\n\x00\x1f"):
                raise UsageError(
                    f"{value!r} cannot be the {what}", expected="one ASCII character, no line end"
                )
        if self.delimiter == "" or self.qualifier == "":
            raise UsageError("an empty delimiter or qualifier", expected="one character, or None")
        named = [value for value in (self.delimiter, self.qualifier, self.repeat) if value]
        if len(set(named)) != len(named):
            raise UsageError(
                f"delimiter, qualifier and repeat delimiter are not all different: {named!r}",
                expected="three characters, or an empty repeat delimiter",
            )
        try:
            codecs.lookup(self.encoding)
        except LookupError:
            raise UsageError(
                f"no encoding is called {self.encoding!r}", expected="utf-8, latin-1, cp1252 ..."
            ) from None


@dataclass(frozen=True, slots=True)
class DelimitedPartition(Partition):
    """A run of whole rows. `record_count` counts rows, set-aside ones included, header and blank lines
    not; `first_record_no` counts the rows before it, from 0 at the first row behind the header.

    first_line: number of the physical line, from 1, on which it begins. in_line: it begins inside a line
    that is longer than a row may be.
    """

    first_line: int = 1
    in_line: bool = False
