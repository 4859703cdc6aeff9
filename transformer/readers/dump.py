"""SQL dumps: the rows of one table out of INSERT statements.

    CREATE TABLE `items` ( `itemnumber` int, `barcode` varchar(20), KEY ... );
    INSERT INTO `items` VALUES (1,'39999'),(2,NULL);

Columns are those that INSERT names, else those of CREATE TABLE, in its order. Statements begin lines; a
statement of any length is read in windows, rows are what stands between its round brackets, outside quotes.
Values come out as they are meant: quotes off, `\\'` `\\n` `''` and the like undone, NULL empty; numbers and
words as they stand. Where quotes are open or closed is told by counting them over a whole window at once.

Set aside: rows with another number of values than there are columns (`row-field-count`), that are not text
(`not-utf8`), and the rest of a statement that the file cuts short (`row-syntax`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from transformer.errors import ExtractError
from transformer.extracts.model import Source
from transformer.extracts.shape import DelimitedShape
from transformer.extracts.window import fill, opened
from transformer.kernels.delimited import NONE, VALUE_PLAIN, VALUE_STANDARD
from transformer.readers.delimited import SetAsideRow, arrays_of
from transformer.readers.delimited_head import Marks
from transformer.readers.delimited_text import Text, text_of
from transformer.schema.batch import I64, U8

WINDOW_BYTES: Final = 16 << 20
HEAD_BYTES: Final = 64 << 10
"""Longest beginning of a statement, up to its first row."""
_NAME: Final = rb"(?:[`\"\[]?\w+[`\"\]]?\.)?[`\"\[]?(\w+)[`\"\]]?"
_BEGIN: Final = re.compile(
    rb"[ \t]*(?:INSERT\s+(?:IGNORE\s+)?INTO|REPLACE\s+INTO|CREATE\s+TABLE(?:\s+IF\s+NOT\s+EXISTS)?)\s+"
    + _NAME,
    re.IGNORECASE,
)
_VALUES: Final = re.compile(rb"\s*(?:\(([^()]*)\)\s*)?VALUES\s*", re.IGNORECASE)
_COLUMN: Final = re.compile(rb"\s*[`\"\[]?(\w+)[`\"\]]?\s+\w")
_NO_COLUMN: Final = (
    b"PRIMARY",
    b"KEY",
    b"UNIQUE",
    b"CONSTRAINT",
    b"INDEX",
    b"FOREIGN",
    b"FULLTEXT",
    b"CHECK",
)
_TEXT: Final = re.compile(rb"'(?:[^'\\]|\\.|'')*'|--[^\n]*|/\*.*?\*/", re.DOTALL)
"""Text and comments of CREATE TABLE, in which commas and brackets say nothing."""
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_UNDONE: Final = {"0": "\0", "b": "\b", "n": "\n", "r": "\r", "t": "\t", "Z": "\x1a"}


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that begins a line: where, on which line, the table, whether it makes it."""

    byte_start: int
    line: int
    table: str
    creates: bool


@dataclass(frozen=True, slots=True, eq=False)
class DumpRows:
    """Rows of one window. table: line, byte_start, byte_count, then text columns. byte_count: of the window;
    record_count: rows in it, those set aside too."""

    table: pa.Table
    set_aside: tuple[SetAsideRow, ...]
    byte_count: int
    record_count: int


def statements(source: Source) -> Iterator[Statement]:
    """Statements that create or fill tables, in file order.

    Line starts are looked at, nothing else: rows are long and lines few. A value that holds a line break and
    then a whole beginning of a statement would be mistaken for one; the usual dumps write line breaks as \\n.
    """
    line, at = 1, 0
    with opened(source.path) as file:
        buffer = np.empty(WINDOW_BYTES + HEAD_BYTES, np.uint8)
        held, final = 0, False
        while not final:
            held += fill(file, buffer[held:])
            final = held < len(buffer)
            sure = held if final else WINDOW_BYTES
            data = buffer[:held].tobytes()
            starts = np.flatnonzero(buffer[: max(sure - 1, 0)] == 10) + 1
            lines = [0, *starts.tolist()] if at == 0 else starts.tolist()
            for number, begin in enumerate(lines):
                # Most lines of a dump with a row a line begin with a bracket.
                if (
                    begin < held
                    and data[begin] != 40
                    and (found := _BEGIN.match(data, begin, min(begin + 512, held)))
                ):
                    creates = b"CREATE" in data[begin : found.end()].upper()
                    yield Statement(at + begin, line + number + (at > 0), found[1].decode(), creates)
            line += len(starts)
            # One byte stays, so that a line that begins with the next window is seen.
            buffer[: held - sure + 1] = buffer[sure - 1 : held].copy() if sure else buffer[:held]
            held, at = held - sure + 1, at + sure - 1


def tables_of(source: Source) -> tuple[str, ...]:
    """Names of the tables that a dump fills, in order, each once."""
    return tuple(dict.fromkeys(s.table for s in statements(source) if not s.creates))


def read(source: Source, table: str, encoding: str = "utf-8") -> Iterator[tuple[tuple[str, ...], DumpRows]]:
    """(columns, rows) of a table, window by window. Raises ExtractError where its columns are not told."""
    text = text_of(DelimitedShape(delimiter="|", qualifier=None, repeat="", encoding=encoding))
    columns: tuple[str, ...] = ()
    met = False
    with opened(source.path) as file:
        size = source.path.stat().st_size
        for statement, limit in _limited(statements(source), size):
            if statement.table.casefold() != table.casefold():
                continue
            met = True
            file.seek(statement.byte_start)
            head = file.read(HEAD_BYTES)
            if statement.creates:
                columns = _created(head)
                continue
            begin = _BEGIN.match(head)
            assert begin is not None
            values = _VALUES.match(head, begin.end())
            if values is None:
                continue  # INSERT ... SELECT has no rows of its own
            if values[1] is not None:
                columns = tuple(name.strip(b' `"[]\r\n\t').decode() for name in values[1].split(b","))
            if not columns:
                raise ExtractError(
                    f"does not say the columns of table {table}",
                    str(source.path),
                    "CREATE TABLE before the rows, or INSERT with the names of columns",
                    "Make the dump with its structure (mysqldump without --no-create-info).",
                )
            line = statement.line + head.count(b"\n", 0, values.end())
            for rows in _rows(file, statement.byte_start + values.end(), limit, line, columns, text):
                yield columns, rows
    if not met:
        raise ExtractError(f"has no table {table}", str(source.path), f"INSERT INTO {table}")


def _limited(found: Iterator[Statement], size: int) -> Iterator[tuple[Statement, int]]:
    """Each statement and where the next begins: it ends there at the latest."""
    before: Statement | None = None
    for statement in found:
        if before is not None:
            yield before, statement.byte_start
        before = statement
    if before is not None:
        yield before, size


def _created(head: bytes) -> tuple[str, ...]:
    """Names of the columns of CREATE TABLE, one a line or all on one."""
    body = _TEXT.sub(b"''", head[head.index(b"(") + 1 :])
    names, depth, begin = [], 0, 0
    for at, byte in enumerate(body):
        if byte == 40:
            depth += 1
        elif byte == 41:
            depth -= 1
        if (byte == 44 and depth == 0) or depth < 0:
            found = _COLUMN.match(body[begin:at])
            if found and found[1].upper() not in _NO_COLUMN:
                names.append(found[1].decode())
            begin = at + 1
        if depth < 0:
            break
    return tuple(names)


def _rows(
    file: Any, at: int, limit: int, line: int, columns: tuple[str, ...], text: Text
) -> Iterator[DumpRows]:
    """The rows of one statement, from the byte behind VALUES on, before `limit`."""
    size = WINDOW_BYTES
    while True:
        file.seek(at)
        window = np.empty(min(size, limit - at), np.uint8)
        window = window[: fill(file, window)]
        first, last, commas, stop = _places(window)
        whole = at + len(window) >= limit or not len(window)
        if not len(first) and stop is None and not whole:
            size *= 2  # one row longer than the window
            continue
        end = stop if stop is not None else (int(last[-1]) + 1 if len(last) else len(window))
        cut = stop is None and whole
        yield _made(window, (first, last, commas), (at, line, end, cut), columns, text)
        if stop is not None or cut:
            return
        line += int(np.count_nonzero(window[:end] == 10))
        at += end
        size = WINDOW_BYTES


def _places(window: U8) -> tuple[I64, I64, I64, int | None]:
    """(opening bracket, closing bracket of each whole row; commas outside quotes; the statement's end)."""
    quote = _quotes(window)
    marks = np.flatnonzero((window == 40) | (window == 41) | (window == 44) | (window == 59))
    outside = (np.searchsorted(quote, marks) & 1) == 0
    marks = marks[outside]
    byte = window[marks]
    # Brackets inside a row (a function, an expression) are no rows: only depth 1 counts.
    depth = np.cumsum((byte == 40).astype(np.int64) - (byte == 41))
    ends = marks[(byte == 59) & (depth == 0)]
    stop = int(ends[0]) + 1 if len(ends) else None
    inside = marks < (stop if stop is not None else len(window))
    first = marks[(byte == 40) & (depth == 1) & inside]
    last = marks[(byte == 41) & (depth == 0) & inside]
    first = first[: len(last)]
    return first, last, marks[(byte == 44) & (depth == 1) & inside], stop


def _quotes(window: U8) -> I64:
    """Quotes that open or close text: not those behind an odd number of backslashes, nor inside "..."."""
    quote = np.flatnonzero(window == 39)
    before = window[np.maximum(quote - 1, 0)] == 92
    for place in np.flatnonzero(before & (quote > 0)).tolist():
        at = back = int(quote[place]) - 1
        while back >= 0 and window[back] == 92:
            back -= 1
        if (at - back) % 2 == 1:
            quote[place] = -1
    return quote[quote >= 0]


def _made(
    window: U8,
    places: tuple[I64, I64, I64],
    where: tuple[int, int, int, bool],
    columns: tuple[str, ...],
    text: Text,
) -> DumpRows:
    first, last, commas = places
    at, line, end, cut = where
    count = len(columns)
    # Commas of a row: those between its brackets.
    low, high = np.searchsorted(commas, first), np.searchsorted(commas, last)
    fits = (high - low) == count - 1
    begin, stop = _values(first[fits], last[fits], commas, low[fits], count)
    start, packed, escaped = _bare(window, begin, stop)
    rows = int(fits.sum())
    bad = _not_text(window, first[fits], last[fits], text)
    arrays = (
        arrays_of(window, start, packed, rows, count, Marks(NONE, 39, NONE), text) if not bad.any() else []
    )
    if bad.any():
        keep = np.repeat(~bad, count)
        arrays = arrays_of(
            window, start[keep], packed[keep], int((~bad).sum()), count, Marks(NONE, 39, NONE), text
        )
        escaped = escaped.reshape(-1, count)[~bad].reshape(-1)
    arrays = [_undone(array, escaped[place::count]) for place, array in enumerate(arrays)]
    good = np.flatnonzero(fits)[~bad]
    breaks = np.flatnonzero(window == 10)
    lines = line + np.searchsorted(breaks, first)
    own = [
        pa.array(lines[good]),
        pa.array(first[good] + at),
        pa.array((last - first)[good] + 1),
    ]
    table = pa.table([*own, *arrays], names=["line", "byte_start", "byte_count", *_distinct(columns)])
    aside = [
        SetAsideRow(
            int(lines[row]), at + int(first[row]), int(last[row] - first[row]) + 1,
            "not-utf8" if fits[row] else "row-field-count",
            f"{int(high[row] - low[row]) + 1} values", f"{count} values",
        )
        for row in sorted({*np.flatnonzero(~fits).tolist(), *np.flatnonzero(fits)[bad].tolist()})
    ]  # fmt: skip
    rest = int(last[-1]) + 1 if len(last) else 0
    if cut and window[rest:].tobytes().strip(b" ,\r\n\t"):
        found = f"{len(window) - rest} bytes without an end"
        aside.append(
            SetAsideRow(
                line + int(np.count_nonzero(window[:rest] == 10)), at + rest, len(window) - rest,
                "row-syntax", found, "rows up to a semicolon",
            )
        )  # fmt: skip
    return DumpRows(table, tuple(aside), end, table.num_rows + len(aside))


def _distinct(columns: tuple[str, ...]) -> list[str]:
    """Names that are not the reader's own."""
    return [f"{name} (2)" if name in ("line", "byte_start", "byte_count") else name for name in columns]


def _values(first: I64, last: I64, commas: I64, low: I64, count: int) -> tuple[I64, I64]:
    """Begin and end of every value, row by row: between brackets and commas."""
    rows = len(first)
    begin, stop = np.empty((rows, count), np.int64), np.empty((rows, count), np.int64)
    begin[:, 0], stop[:, -1] = first + 1, last
    if count > 1 and rows:
        between = commas[low[:, None] + np.arange(count - 1)]
        begin[:, 1:], stop[:, :-1] = between + 1, between
    return begin.reshape(-1), stop.reshape(-1)


def _bare(window: U8, begin: I64, stop: I64) -> tuple[Any, Any, Any]:
    """start and packed for the values without blanks and quotes around them; which may hold escapes."""
    for _ in range(64):
        blank = (begin < stop) & (window[np.minimum(begin, len(window) - 1)] <= 32) if len(begin) else begin
        if not np.any(blank):
            break
        begin = begin + blank
    for _ in range(64):
        blank = (begin < stop) & (window[np.maximum(stop - 1, 0)] <= 32) if len(begin) else begin
        if not np.any(blank):
            break
        stop = stop - blank
    if not len(begin):
        nothing = np.empty(0, np.int32)
        return nothing, nothing, np.empty(0, bool)
    # A word before the quote says the text's encoding: _binary 'x', N'x', _utf8mb4'x'.
    head = window[begin]
    word = ((head == 95) | (head == 78)) & (window[stop - 1] == 39)
    for place in np.flatnonzero(word).tolist():
        quote = window[begin[place] : stop[place]].tobytes().find(b"'")
        begin[place] += max(quote, 0)
    quoted = (stop - begin >= 2) & (window[begin] == 39) & (window[stop - 1] == 39)
    null = ~quoted & (stop - begin == 4)
    if null.any():
        four = [window[np.minimum(begin + n, len(window) - 1)] & 0xDF for n in range(4)]
        for letter, found in zip(b"NULL", four, strict=True):
            null &= found == letter
    begin, stop = begin + quoted, np.where(null, begin, stop - quoted)
    length = stop - begin
    doubled = np.zeros(len(begin), bool)
    escaped = np.zeros(len(begin), bool)
    for mark, flag in ((39, doubled), (92, escaped)):
        there = np.flatnonzero(window == mark)
        owner = np.searchsorted(begin, there, "right") - 1
        held = (owner >= 0) & (there < stop[np.maximum(owner, 0)])
        flag[owner[held]] = True
    doubled &= ~escaped & quoted
    kind = np.where(doubled, VALUE_STANDARD, VALUE_PLAIN)
    return (
        np.where(length > 0, begin, 0).astype(np.int32),
        (length << 2 | kind).astype(np.int32),
        escaped & quoted,
    )


def _undone(array: pa.Array, escaped: Any) -> pa.Array:
    """Values with what the dump escaped put back."""
    if not escaped.any():
        return array
    places = np.flatnonzero(escaped)
    texts = [_undo(value) for value in array.take(pa.array(places)).to_pylist()]
    return pc.replace_with_mask(array, pa.array(escaped), pa.array(texts, pa.string()))


def _undo(value: str) -> str:
    return _ESCAPED.sub(lambda found: _UNDONE.get(found[1], found[1]), value.replace("''", "'"))


def _not_text(window: U8, first: I64, last: I64, text: Text) -> Any:
    bad = np.zeros(len(first), bool)
    if not len(first) or window.max() <= 0x7F:
        return bad
    high = np.flatnonzero(window > 0x7F)
    rows = np.unique(np.searchsorted(first, high, "right") - 1)
    for row in rows[rows >= 0].tolist():
        bad[row] = bool(text.fault(window[first[row] : last[row] + 1]))
    return bad
