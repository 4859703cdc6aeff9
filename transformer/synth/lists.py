"""Delimited lists: rows of the columns that a shape file names, quoted, with repeated values and blanks.

A row damaged on purpose has one field too few or, every other time, one too many. Quotes inside values are
not written at all, since the systems that make such lists do not agree on how to double them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from transformer.synth.shape import Shape


class ListWriter:
    """Writes the rows of one list, e.g. "item" or "patron"."""

    def __init__(self, shape: Shape, name: str) -> None:
        self.file = str(shape.at("list", name, "file"))
        columns = shape.at("list", name, "columns")
        self._headers = [str(header).encode() for header, _ in columns]
        self._names = [str(value) for _, value in columns]
        self._quote = str(shape.at("list", "qualifier")).encode()
        self._between = self._quote + str(shape.at("list", "delimiter")).encode() + self._quote
        self._repeat = self._quote + str(shape.at("list", "repeat")).encode() + self._quote

    def header(self) -> bytes:
        """The first line."""
        return self._line(self._headers)

    def repeated(self, *columns: Sequence[bytes]) -> list[bytes]:
        """Values of several columns in one, each quoted by itself; empty ones are left out."""
        return [
            first + self._repeat + second if second else first
            for first, second in zip(columns[0], columns[1], strict=True)
        ]

    def rows(self, columns: Mapping[str, list[bytes]], wrong: Collection[int] = ()) -> bytes:
        """All rows. columns: by value name, all of one length. wrong: rows with a wrong field count."""
        cells = zip(*[columns[name] for name in self._names], strict=True)
        lines = list(map(self._between.join, cells))
        for turn, at in enumerate(sorted(wrong)):
            fields = [columns[name][at] for name in self._names]
            lines[at] = self._between.join(fields[:-1] if turn % 2 == 0 else [*fields, b"stray"])
        ends = self._quote + b"\n" + self._quote
        return self._quote + ends.join(lines) + self._quote + b"\n" if lines else b""

    def _line(self, values: Sequence[bytes]) -> bytes:
        return self._quote + self._between.join(values) + self._quote + b"\n"
