"""Lists of things in the forms of a library system, of the columns that a shape file names.

delimited: a header and rows, quoted, with repeated values and blanks. A row damaged on purpose has one field
too few or, every other time, one too many. Quotes inside values are not written at all, since the systems
that make such lists do not agree on how to double them.
flat: documents of tagged lines; an empty value leaves its line out, a tag without a value (`..._BEGIN`) is
a line of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from transformer.synth.shape import Shape


class ListWriter:
    """Writes the rows of one list, e.g. "item" or "patron". `constant`: rows that are always the same."""

    def __init__(self, shape: Shape, name: str) -> None:
        self.file = str(shape.at("list", name, "file"))
        self.flat = shape.get("list", name, "form", default="delimited") == "flat"
        columns = shape.at("list", name, "columns")
        self._headers = [str(header).encode() for header, _ in columns]
        self._names = [str(value) for _, value in columns]
        self.constant = [
            [str(v).encode() for v in row] for row in shape.get("list", name, "rows", default=[])
        ]
        if self.flat:
            form = shape.at("list", "flat")
            document = str(shape.at("list", name, "document"))
            self._start = f"{form['boundary']}\nFORM={document}\n".encode()
            self._value = str(form["value"]).encode()
        else:
            self._quote = str(shape.at("list", "qualifier")).encode()
            self._between = self._quote + str(shape.at("list", "delimiter")).encode() + self._quote
            self._repeat = self._quote + str(shape.at("list", "repeat")).encode() + self._quote

    def header(self) -> bytes:
        """What stands before all rows: the header, if there is one, and rows that are always the same."""
        if self.flat:
            columns = list(map(list, zip(*self.constant, strict=True)))
            return self._documents(columns, len(self.constant)) if columns else b""
        return self._line(self._headers) + b"".join(map(self._line, self.constant))

    def repeated(self, *columns: Sequence[bytes]) -> list[bytes]:
        """Values of several columns in one, each quoted by itself; empty ones are left out."""
        if self.flat:
            return list(columns[0])
        return [
            first + self._repeat + second if second else first
            for first, second in zip(columns[0], columns[1], strict=True)
        ]

    def rows(self, columns: Mapping[str, list[bytes]], wrong: Collection[int] = ()) -> bytes:
        """All rows. columns: by value name, all of one length. wrong: rows with a wrong field count."""
        if self.flat:
            named = [columns[name] if name else [] for name in self._names]
            return self._documents(named, max(map(len, named), default=0))
        cells = zip(*[columns[name] for name in self._names], strict=True)
        lines = list(map(self._between.join, cells))
        for turn, at in enumerate(sorted(wrong)):
            fields = [columns[name][at] for name in self._names]
            lines[at] = self._between.join(fields[:-1] if turn % 2 == 0 else [*fields, b"stray"])
        ends = self._quote + b"\n" + self._quote
        return self._quote + ends.join(lines) + self._quote + b"\n" if lines else b""

    def _documents(self, columns: Sequence[list[bytes]], count: int) -> bytes:
        made: list[list[bytes]] = [[self._start] * count]
        for tag, name, values in zip(self._headers, self._names, columns, strict=True):
            head = b"." + tag + b"." + self._value
            if name:
                made.append([head + value + b"\n" if value else b"" for value in values])
            else:
                made.append([b"." + tag + b".\n"] * count)
        return b"".join(map(b"".join, zip(*made, strict=True)))

    def _line(self, values: Sequence[bytes]) -> bytes:
        return self._quote + self._between.join(values) + self._quote + b"\n"
