"""Tables -> CSV files as Alma and Ex Libris take them.

UTF-8 without byte order mark, lines end with LF, a header always, one style of quoting for the whole file
(the migration guides ask for homogeneous files: the same number of fields and one delimiter style on every
line), qualifiers inside values doubled. `always` puts every value in qualifiers, the empty one too;
`needed` only those that hold the delimiter, a qualifier, or are the whole of an empty line. Null is empty.

A line break (CR LF, CR, LF) or any other control character (category Cc) inside a value becomes one blank,
since loaders take a line for a row; how many values of each column were changed is returned.

Same rows, same bytes, whatever the batches they come in. A kernel makes the lines: Arrow's own writer quotes
every string whatever it is asked, leaves nulls without quotes beside values with, and takes twice as long.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transformer.errors import UsageError
from transformer.kernels.csv_lines import PAD, room_for, write_lines
from transformer.kernels.plain_text import has_control
from transformer.schema.batch import I32, U8
from transformer.writers.files import OutputFile, Together

MAX_ROWS: Final = 400_000
"""Rows a file that Ex Libris recommends at most for delimited text."""
_PIECE_ROWS: Final = 1 << 16
_CONTROL: Final = "\r\n|[\\x00-\\x1f\\x7f]|[\\x{80}-\\x{9f}]"

Quote = Literal["always", "needed"]
Headers = Mapping[str, str | None] | Sequence[str] | None
"""Headers of columns. None: the columns' own names. A mapping: name of column -> header; a column it does
not have keeps its name, one whose header is None is left out. A sequence: one for each column, in order."""


@dataclass(frozen=True, slots=True)
class CsvFile:
    """One file written: its name without folder, rows without the header, bytes, SHA-256 in hex."""

    name: str
    row_count: int
    byte_count: int
    sha256: str


@dataclass(frozen=True, slots=True)
class WrittenCsv(CsvFile):
    """One file and what was changed on the way: column -> number of values whose control characters
    became blanks (columns without any are not listed)."""

    changed: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class WrittenCsvFiles:
    """The files of one table in order, and what was changed, as in `WrittenCsv`."""

    files: tuple[CsvFile, ...]
    changed: Mapping[str, int]

    @property
    def row_count(self) -> int:
        """Rows in all files together."""
        return sum(file.row_count for file in self.files)


def write_csv(
    path: Path,
    table: pa.Table | pa.RecordBatchReader,
    headers: Headers = None,
    *,
    delimiter: str = ",",
    quote: Quote = "always",
    overwrite: bool = False,
    together: Together | None = None,
) -> WrittenCsv:
    """Write a table, or a stream of batches, to one file, which appears only when it is whole.

    Columns of any type that Arrow casts to text. together: as for OutputFile. Raises UsageError if the path
    is taken (unless `overwrite`) or delimiter or headers cannot be, MachineError if the disk gives out.
    """
    layout = _Layout(table.schema, headers, delimiter, quote)
    pieces = _Pieces([table] if isinstance(table, pa.Table) else table).take(0)
    file = _write_one(path, layout, pieces, overwrite, together)
    return WrittenCsv(file.name, file.row_count, file.byte_count, file.sha256, dict(layout.changed))


def write_csv_files(
    folder: Path,
    name: str,
    schema: pa.Schema,
    batches: Iterable[pa.RecordBatch | pa.Table],
    headers: Headers = None,
    *,
    max_rows: int = MAX_ROWS,
    delimiter: str = ",",
    quote: Quote = "always",
    overwrite: bool = False,
) -> WrittenCsvFiles:
    """Write batches of one schema to `NAME-0001.csv`, `NAME-0002.csv` ... of at most `max_rows` rows each.

    max_rows 0: no split, one file `NAME.csv`. No rows: one file with the header alone. Takes one batch at a
    time. Errors as in `write_csv`; files finished before an error stay.
    """
    if max_rows < 0:
        raise UsageError(f"{max_rows} rows a file", name, "1 or more, or 0 for one file")
    layout = _Layout(schema, headers, delimiter, quote)
    files: list[CsvFile] = []
    pieces = _Pieces(batches)
    while pieces.any_left() or not files:
        number = f"-{len(files) + 1:04}" if max_rows else ""
        files.append(_write_one(folder / f"{name}{number}.csv", layout, pieces.take(max_rows), overwrite))
    return WrittenCsvFiles(tuple(files), dict(layout.changed))


class _Pieces:
    """Batches in pieces of at most 65,536 rows, some at a time."""

    def __init__(self, batches: Iterable[pa.RecordBatch | pa.Table]) -> None:
        self._batches = (
            batch
            for whole in batches
            for batch in (
                pa.Table.from_batches([whole]) if isinstance(whole, pa.RecordBatch) else whole
            ).to_batches(_PIECE_ROWS)
            if batch.num_rows
        )
        self._next: pa.RecordBatch | None = None

    def any_left(self) -> bool:
        """True if there are more rows."""
        if self._next is None:
            self._next = next(self._batches, None)
        return self._next is not None

    def take(self, max_rows: int) -> Iterator[pa.RecordBatch]:
        """The next `max_rows` rows, all that are left if 0."""
        taken = 0
        while self.any_left() and (not max_rows or taken < max_rows):
            batch, self._next = self._next, None
            assert batch is not None
            if max_rows and batch.num_rows > max_rows - taken:
                self._next = batch.slice(max_rows - taken)
                batch = batch.slice(0, max_rows - taken)
            taken += batch.num_rows
            yield batch


class _Layout:
    """How the rows of one table become bytes; counts the values it changed, by column."""

    def __init__(self, schema: pa.Schema, headers: Headers, delimiter: str, quote: str) -> None:
        if len(delimiter) != 1 or not delimiter.isascii() or delimiter in '"\r\n':
            raise UsageError(f"{delimiter!r} cannot be the delimiter", expected="one ASCII character")
        if quote not in ("always", "needed"):
            raise UsageError(f"no quoting is called {quote!r}", expected="always or needed")
        self.delimiter, self.always = delimiter, quote == "always"
        self.columns = _chosen(schema, headers)
        self.changed: dict[str, int] = {}
        self._data = self._out = np.empty(0, np.uint8)

    def head(self) -> U8:
        """The header line."""
        names = pa.array([header for _, _, header in self.columns], pa.string())
        row = [pc.replace_substring_regex(names, _CONTROL, " ").slice(at, 1) for at in range(len(names))]
        return self._lines(row)

    def body(self, batch: pa.RecordBatch) -> U8:
        """The lines of a batch; the next call overwrites them."""
        return self._lines([self._text(batch.column(at), name) for at, name, _ in self.columns])

    def _text(self, column: pa.Array, name: str) -> pa.Array:
        """A column as strings without nulls and control characters."""
        if not pa.types.is_string(column.type):
            column = column.cast(pa.string())
        if column.null_count and not _nulls_are_empty(column):
            column = column.fill_null("")
        if has_control(_bytes_of(column)):
            count = pc.sum(pc.match_substring_regex(column, _CONTROL)).as_py()
            self.changed[name] = self.changed.get(name, 0) + count
            column = pc.replace_substring_regex(column, _CONTROL, " ")
        return column

    def _lines(self, columns: list[pa.Array]) -> U8:
        """Strings, column by column, as lines of CSV."""
        parts = [_bytes_of(column) for column in columns]
        begins = np.cumsum([0, *(len(part) for part in parts)])
        offset = np.empty((len(columns), len(columns[0]) + 1), np.int64)
        for at, column in enumerate(columns):
            places = _places_of(column)
            np.add(places, begins[at] - places[0], out=offset[at])
        size = int(begins[-1]) + PAD
        data = self._data = _at_least(size, self._data)
        np.concatenate([*parts, np.zeros(PAD, np.uint8)], out=data[:size])
        out = self._out = _at_least(room_for(size, offset.size), self._out)
        size = write_lines(data[:size], offset, ord(self.delimiter), self.always, out)
        if size < 0:
            raise AssertionError("lines were measured too small")
        return out[:size]


def _at_least(size: int, held: U8) -> U8:
    """`held` where it is large enough: fresh memory costs more than what is written into it."""
    return held if len(held) >= size else np.empty(size + size // 8, np.uint8)


def _nulls_are_empty(column: pa.Array) -> bool:
    """Whether no bytes stand behind the nulls of a string array: Arrow promises nothing of that.

    Looking takes a third of what `fill_null` does, which copies.
    """
    valid = np.unpackbits(np.frombuffer(column.buffers()[0], np.uint8), bitorder="little")
    valid = valid[column.offset : column.offset + len(column)]
    return not bool(((np.diff(_places_of(column)) != 0) > valid.view(np.bool_)).any())


def _write_one(
    path: Path,
    layout: _Layout,
    batches: Iterable[pa.RecordBatch],
    overwrite: bool,
    together: Together | None = None,
) -> CsvFile:
    rows = 0
    with OutputFile(path, overwrite=overwrite, together=together) as file:
        file.write(layout.head())
        for batch in batches:
            file.write(layout.body(batch))
            rows += batch.num_rows
    return CsvFile(path.name, rows, file.byte_count, file.sha256)


def _chosen(schema: pa.Schema, headers: Headers) -> list[tuple[int, str, str]]:
    """(place, name, header) of the columns that are written."""
    names = list(schema.names)
    if headers is None:
        shown: list[str | None] = list(names)
    elif isinstance(headers, Mapping):
        if unknown := sorted(set(headers) - set(names)):
            raise UsageError(
                f"headers for columns that the table has not: {unknown}", expected=f"some of {names}"
            )
        shown = [headers.get(name, name) for name in names]
    else:
        shown = list(headers)
        if len(shown) != len(names):
            raise UsageError(f"{len(shown)} headers for {len(names)} columns", expected="one for each column")
    columns = [
        (at, name, header)
        for at, (name, header) in enumerate(zip(names, shown, strict=True))
        if header is not None
    ]
    if not columns:
        raise UsageError("a table without columns cannot be written", expected="at least one column")
    return columns


def _places_of(column: pa.Array) -> I32:
    """int32[n + 1]: where the values of a string array begin and end in its bytes."""
    offsets = column.buffers()[1]
    if offsets is None or not len(column):
        return np.zeros(len(column) + 1, np.int32)
    return np.frombuffer(offsets, np.int32)[column.offset : column.offset + len(column) + 1]


def _bytes_of(column: pa.Array) -> U8:
    """The bytes of all values of a string array, as they lie one behind the other."""
    data, places = column.buffers()[2], _places_of(column)
    # Read-only like the others where there is none: one kernel for all.
    return np.frombuffer(data if data is not None else b"", np.uint8)[places[0] : places[-1]]
