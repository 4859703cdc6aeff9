"""Rows of delimited text, slowly and plainly: the rules of `kernels/delimited.py`, one by one."""

from __future__ import annotations

from dataclasses import dataclass

MAX_BREAKS = 100


@dataclass(frozen=True)
class Dialect:
    delimiter: bytes
    qualifier: bytes | None
    repeat: bytes
    columns: int
    row_limit: int = 1 << 20


@dataclass(frozen=True)
class Row:
    """status: good, loose, blank, field-count, open-quote, too-long or not-utf8. found: values found."""

    start: int
    count: int
    status: str
    line: int
    found: int = 0
    breaks: int = 0
    values: tuple[bytes, ...] = ()


class Open(Exception):
    """A quotation mark is not closed where it must be."""

    def __init__(self, fields: int) -> None:
        self.fields = fields


class Broken(Exception):
    """Not the standard."""


def line_end(data: bytes, at: int) -> int:
    """Bytes of the line end that stands at `at`; 0 at the end of the file, -1 where there is none."""
    if at >= len(data):
        return 0
    if data[at : at + 1] == b"\n":
        return 1
    if data[at:] == b"\r":
        return 1
    return 2 if data[at : at + 2] == b"\r\n" else -1


def quoted_value(
    data: bytes, at: int, dialect: Dialect, loose: bool, breaks: int, field: int
) -> tuple[int, bytes]:
    """Behind its last qualifier, and the value."""
    quote, divider = (
        dialect.qualifier or b"",
        (dialect.qualifier or b"") + dialect.repeat + (dialect.qualifier or b""),
    )
    value = b""
    while at < len(data):
        here = data[at : at + 1]
        if here == b"\n":
            breaks -= 1
            if breaks < 0:
                raise Open(field)
        if here != quote:
            value += here
            at += 1
        elif data[at + 1 : at + 2] == dialect.delimiter:
            return at + 1, value
        elif not loose and data[at + 1 : at + 2] == quote:
            value += quote
            at += 2
        elif line_end(data, at + 1) >= 0:
            return at + 1, value
        elif dialect.repeat and data[at : at + 3] == divider:
            value += b"\x1f"
            at += 3
        elif loose:
            value += quote
            at += 1
        else:
            raise Broken
    raise Open(field)


def reading(data: bytes, at: int, dialect: Dialect, loose: bool, breaks: int) -> tuple[int, list[bytes]]:
    """Next row and values of the row at `at`. Raises Open or Broken."""
    begin, values = at, list[bytes]()
    while True:
        if dialect.qualifier and data[at : at + 1] == dialect.qualifier:
            left = breaks - data.count(b"\n", begin, at)
            at, value = quoted_value(data, at + 1, dialect, loose, left, len(values) + 1)
        else:
            first = at
            while data[at : at + 1] not in (b"", b"\n", dialect.delimiter):
                at += 1
            value = data[first:at]
            if value.endswith(b"\r") and data[at : at + 1] in (b"", b"\n"):
                value, at = value[:-1], at - 1
            if not dialect.qualifier and dialect.repeat:
                value = value.replace(dialect.repeat, b"\x1f")
        values.append(value)
        if data[at : at + 1] != dialect.delimiter:
            return at + line_end(data, at), values
        at += 1


def complete(
    data: bytes, at: int, dialect: Dialect, loose: bool, breaks: int
) -> tuple[int, list[bytes]] | None:
    """The reading if it comes to the row's end within the limit."""
    view = data[: at + dialect.row_limit]
    try:
        after, values = reading(view, at, dialect, loose, breaks)
    except (Open, Broken):
        return None
    return (after, values) if after - at < dialect.row_limit else None


def hides_rows(data: bytes, begin: int, end: int, dialect: Dialect) -> bool:
    """Rule 5: a further line of data[begin:end] is by itself a row that begins like the first."""
    quoted = data[begin : begin + 1] == dialect.qualifier
    at = data.index(b"\n", begin) + 1
    while 0 < at < end:
        if (data[at : at + 1] == dialect.qualifier) == quoted:
            alone = complete(data[:end], at, dialect, False, 0) or complete(data[:end], at, dialect, True, 0)
            if alone and len(alone[1]) == dialect.columns:
                return True
        at = data.find(b"\n", at, end) + 1
    return False


def first_line_end(data: bytes, at: int, limit: int) -> int:
    """Behind the LF of the line, `limit` bytes on, or the end: whichever comes first."""
    found = data.find(b"\n", at, at + limit)
    return found + 1 if found >= 0 else min(at + limit, len(data))


def row_at(data: bytes, at: int, line: int, dialect: Dialect) -> Row:
    """The row at `at`, which begins a line (rules 4 to 7)."""
    blank = 0
    while blank < dialect.row_limit and line_end(data, at + blank) > 0:
        blank += line_end(data, at + blank)
    if blank:
        return Row(at, blank, "blank", line)
    on_line = complete(data, at, dialect, False, 0)
    if on_line:
        status = "good" if len(on_line[1]) == dialect.columns else "field-count"
        found = len(on_line[1])
        return Row(at, on_line[0] - at, status, line, found, 0, tuple(on_line[1]) if status == "good" else ())
    stop = first_line_end(data, at, dialect.row_limit)
    if stop - at >= dialect.row_limit:
        return Row(at, stop - at, "too-long", line)
    for status, loose, breaks in (
        ("good", False, MAX_BREAKS),
        ("loose", True, 0),
        ("loose", True, MAX_BREAKS),
    ):
        done = complete(data, at, dialect, loose, breaks)
        if (
            done
            and len(done[1]) == dialect.columns
            and (not breaks or not hides_rows(data, at, done[0], dialect))
        ):
            inside = data[at : done[0]].removesuffix(b"\n").count(b"\n")
            return Row(at, done[0] - at, status, line, dialect.columns, inside, tuple(done[1]))
    loose_line = complete(data, at, dialect, True, 0)
    if loose_line:
        return Row(at, stop - at, "field-count", line, len(loose_line[1]))
    try:
        reading(data[: at + dialect.row_limit], at, dialect, True, 0)
        raise AssertionError
    except Open as error:
        return Row(at, stop - at, "open-quote", line, error.fields)


def is_utf8(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def rows(data: bytes, dialect: Dialect, line: int = 1, in_line: bool = False) -> list[Row]:
    """All rows and blank lines of `data`, in order."""
    out = list[Row]()
    at = 0
    while at < len(data):
        if in_line:
            row = Row(at, first_line_end(data, at, dialect.row_limit) - at, "too-long", line)
        else:
            row = row_at(data, at, line, dialect)
        end = row.start + row.count
        if row.status in ("good", "loose") and not is_utf8(data[at:end]):
            row = Row(row.start, row.count, "not-utf8", line, row.found, row.breaks)
        out.append(row)
        line += data.count(b"\n", at, end)
        in_line, at = data[end - 1 : end] != b"\n", end
    return out
