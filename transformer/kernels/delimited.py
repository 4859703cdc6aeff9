"""Rows of delimited text: where each begins and ends, where its values lie, and their bytes by column.

How a row is read (delimiter D, qualifier Q or none, repeat delimiter R or none, N columns by the header):

1. *Value.* A value that begins with Q is quoted, any other runs to the next D or line end, whatever it
   holds. Line ends are LF, CR LF, and the end of the file.
2. *Standard reading.* In a quoted value `QQ` is one Q, `QRQ` divides two repeated values, and the only
   other Q that may stand there is the last, followed by D or a line end. A line break may stand inside.
3. *Loose reading*, for exports that do not double the Q inside values. A Q closes the value where D or a
   line end follows; `QRQ` divides repeated values; any other Q is text and stays as it is.
4. A row is taken from the first of these that gives exactly N values: standard; loose on one line; loose
   over several lines. A row that reads to its end by the standard on its one line, with another number
   of values, is not tried further: it would be split otherwise than it was written.
5. *Line breaks.* A row goes over line ends only inside quotes, over at most 100 of them, and only if none
   of its further lines is by itself a row of N values that begins like this one (with or without Q).
   That is what a quote never closed looks like: the next line is a sound row.
6. Whatever is not taken is set aside up to its first line end, and reading goes on behind it. So a quote
   opened and never closed costs its own line and no other.
7. A row shorter than `row_limit` bytes, line end included, is read; of a longer line pieces of `row_limit`
   bytes are set aside, so that a line of any length needs no more memory than a short one.

Every answer depends only on the `row_limit` + LOOK_AHEAD bytes from the row's start, so that rows are the
same wherever a partition or a window begins or ends.

delimiter, qualifier and repeat are byte values (ASCII), `NONE` where there is none. Positions are indexes
into `data` (uint8, C-contiguous, less than 2 GiB). `packed` holds value length << 2 | VALUE_*.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from transformer.kernels.bytesops import equal32, trailing_zeros
from transformer.kernels.jit import kernel
from transformer.kernels.plain_text import is_utf8

U8 = npt.NDArray[np.uint8]
I32 = npt.NDArray[np.int32]
I64 = npt.NDArray[np.int64]

NONE: Final = 256
"""No such byte: equal to none."""
MAX_BREAKS: Final = 100
LOOK_AHEAD: Final = 2
"""Bytes beyond `row_limit` that may be looked at: a CR LF that begins inside."""

# How one row was read.
ROW_GOOD: Final = 0
ROW_LOOSE: Final = 1
ROW_BLANK: Final = 2
ROW_FIELD_COUNT: Final = 3
ROW_OPEN_QUOTE: Final = 4
ROW_TOO_LONG: Final = 5
ROW_NOT_TEXT: Final = 6

# What has to be done to a value on the way out.
VALUE_PLAIN: Final = 0
VALUE_STANDARD: Final = 1
VALUE_LOOSE: Final = 2

# Numbers that stand in calls between kernels are given a type: numba compiles a callee anew for each
# constant it is called with (fifteen times `walk_row`, 14 s in all; with this 3 s).
_0: Any = np.int64(0)
_STANDARD: Any = np.int64(0)
_LOOSE: Any = np.int64(1)
_SEVERAL: Any = np.int64(MAX_BREAKS)

# How far one reading came.
_DONE: Final = 0
_OPEN: Final = 1
_BROKEN: Final = 2

_LF: Any = np.int64(10)
_CR: Final = 13


@kernel
def find_either(data: U8, at: int, end: int, one: int, other: int) -> int:
    """First position in data[at:end] that holds byte `one` or `other`, or `end`."""
    while at + 32 <= end:
        mask = equal32(data, at, one) | equal32(data, at, other)
        if mask:
            return at + trailing_zeros(mask)
        at += 32
    while at < end and data[at] != one and data[at] != other:
        at += 1
    return at


@kernel
def is_line_end(data: U8, at: int, end: int) -> bool:
    """True where LF, CR LF, a CR before the end, or the end stands at `at`."""
    if at >= end or data[at] == _LF:
        return True
    return data[at] == _CR and (at + 1 >= end or data[at + 1] == _LF)


@kernel
def walk_row(
    data: U8,
    at: int,
    end: int,
    delimiter: int,
    qualifier: int,
    repeat: int,
    loose: int,
    breaks_allowed: int,
    start: I32,
    packed: I32,
    base: int,
    columns: int,
) -> tuple[int, int, int, int]:
    """Read one row by one of the two readings: (next row, number of values, line breaks in it, _*).

    loose: 0 standard, 1 loose. The first `columns` values go to start[base:] and packed[base:]; more are
    only counted. Next row is where reading stopped, if not _DONE.
    """
    field = 0
    breaks = 0
    while True:
        kind = VALUE_PLAIN
        if at < end and data[at] == qualifier:
            first = at + 1
            at = first
            while True:
                at = find_either(data, at, end, qualifier, _LF)
                if at >= end:
                    return at, field + 1, breaks, _OPEN
                if data[at] == _LF:
                    if breaks >= breaks_allowed:
                        return at, field + 1, breaks, _OPEN
                    breaks += 1
                    at += 1
                    continue
                after = at + 1
                if after < end and data[after] == delimiter:
                    break
                if after < end and data[after] == qualifier and not loose:
                    kind = VALUE_STANDARD
                    at += 2
                elif is_line_end(data, after, end):
                    break
                elif data[after] == repeat and after + 1 < end and data[after + 1] == qualifier:
                    kind = VALUE_LOOSE if loose else VALUE_STANDARD
                    at += 3
                elif loose:
                    at += 1
                else:
                    return at, field + 1, breaks, _BROKEN
            length = at - first
            at += 1
        else:
            first = at
            at = find_either(data, at, end, delimiter, _LF)
            length = at - first
            if length > 0 and data[at - 1] == _CR and (at >= end or data[at] == _LF):
                length -= 1
        if field < columns:
            start[base + field] = first
            packed[base + field] = length << 2 | kind
        field += 1
        if at < end and data[at] == delimiter:
            at += 1
            continue
        if at < end and data[at] == _CR:
            at += 1
        if at < end:
            at += 1
        return at, field, breaks, _DONE


@kernel
def _is_whole_row(data, at, end, delimiter, qualifier, repeat, columns, start, packed):  # type: ignore[no-untyped-def]
    """True where one line, read by itself, is a row of `columns` values (rule 5)."""
    _, fields, _, how = walk_row(
        data, at, end, delimiter, qualifier, repeat, _STANDARD, _0, start, packed, _0, _0
    )
    if how != _DONE:
        _, fields, _, how = walk_row(
            data, at, end, delimiter, qualifier, repeat, _LOOSE, _0, start, packed, _0, _0
        )
    return how == _DONE and fields == columns


@kernel
def _is_one_row(data, at, stop, delimiter, qualifier, repeat, columns, start, packed):  # type: ignore[no-untyped-def]
    """False where a further line of data[at:stop] looks like a row of its own (rule 5)."""
    quoted = data[at] == qualifier
    line = find_either(data, at, stop, _LF, _LF) + 1
    while line < stop:
        if (data[line] == qualifier) == quoted and _is_whole_row(
            data, line, stop, delimiter, qualifier, repeat, columns, start, packed
        ):
            return False
        line = find_either(data, line, stop, _LF, _LF) + 1
    return True


@kernel
def _hard_row(data, at, end, delimiter, qualifier, repeat, row_limit, start, packed, base, columns):  # type: ignore[no-untyped-def]
    """`judge_row` for a row that is not standard text on one line."""
    view = min(end, at + row_limit)
    line_end = find_either(data, at, view, _LF, _LF)
    stop = min(line_end + 1, view)
    if stop - at >= row_limit:
        return stop, ROW_TOO_LONG, 0, 0
    after, fields, breaks, how = walk_row(
        data, at, view, delimiter, qualifier, repeat, _STANDARD, _SEVERAL, start, packed, base, columns
    )
    if (
        how == _DONE
        and fields == columns
        and after - at < row_limit
        and _is_one_row(data, at, after, delimiter, qualifier, repeat, columns, start, packed)
    ):
        return after, ROW_GOOD, fields, breaks
    after, found, _, status = walk_row(
        data, at, view, delimiter, qualifier, repeat, _LOOSE, _0, start, packed, base, columns
    )
    if status == _DONE and found == columns:
        return after, ROW_LOOSE, found, 0
    after, fields, breaks, how = walk_row(
        data, at, view, delimiter, qualifier, repeat, _LOOSE, _SEVERAL, start, packed, base, columns
    )
    if (
        how == _DONE
        and fields == columns
        and after - at < row_limit
        and _is_one_row(data, at, after, delimiter, qualifier, repeat, columns, start, packed)
    ):
        return after, ROW_LOOSE, fields, breaks
    return stop, ROW_FIELD_COUNT if status == _DONE else ROW_OPEN_QUOTE, found, 0


@kernel
def judge_row(
    data: U8,
    at: int,
    end: int,
    delimiter: int,
    qualifier: int,
    repeat: int,
    row_limit: int,
    start: I32,
    packed: I32,
    base: int,
    columns: int,
) -> tuple[int, int, int, int]:
    """Read the row at `at`, which begins a line: (next row, ROW_*, values found, line breaks inside it).

    A run of blank lines counts as one, cut where it reaches `row_limit` bytes.
    Values of a ROW_GOOD or ROW_LOOSE row are in start[base:base + columns] and packed likewise; what
    stands there for other rows means nothing. Text is not checked here.
    """
    if is_line_end(data, at, end):
        after, lines = at, _0
        while after < end and after - at < row_limit and is_line_end(data, after, end):
            after = min(after + 1 + (data[after] == _CR), end)
            lines += 1
        return after, ROW_BLANK, _0, lines - 1
    view = min(end, at + row_limit)
    after, fields, breaks, how = walk_row(
        data, at, view, delimiter, qualifier, repeat, _STANDARD, _0, start, packed, base, columns
    )
    if how == _DONE and after - at < row_limit:
        return after, ROW_GOOD if fields == columns else ROW_FIELD_COUNT, fields, breaks
    return _hard_row(data, at, end, delimiter, qualifier, repeat, row_limit, start, packed, base, columns)


@kernel
def _rest_of_line(data, at, end, row_limit):  # type: ignore[no-untyped-def]
    """Where the next piece of a line that is too long ends: behind its LF, or `row_limit` bytes on."""
    view = min(end, at + row_limit)
    return min(find_either(data, at, view, _LF, _LF) + 1, view)


@kernel
def skim_rows(
    data: U8,
    at: int,
    until: int,
    delimiter: int,
    qualifier: int,
    repeat: int,
    columns: int,
    row_limit: int,
    in_line: bool,
    start: I32,
    packed: I32,
) -> tuple[int, int, int, bool]:
    """Pass over rows that begin before `until`: (next row, rows, line ends passed, next is in a line).

    start, packed: room for `columns` values, of no use afterwards. `len(data) - until` is at least
    `row_limit` + LOOK_AHEAD, or data ends where the file ends. in_line: `at` is inside a line that was
    too long.
    """
    end = len(data)
    rows = 0
    lines = 0
    while at < until:
        if in_line:
            at = _rest_of_line(data, at, end, row_limit)
            rows += 1
        else:
            at, status, _, breaks = judge_row(
                data, at, end, delimiter, qualifier, repeat, row_limit, start, packed, _0, columns
            )
            lines += breaks
            rows += status != ROW_BLANK
        in_line = data[at - 1] != _LF
        lines += not in_line
    return at, rows, lines, in_line


@kernel
def _is_text(data, at, end, utf8, allowed):  # type: ignore[no-untyped-def]
    """True where data[at:end] is UTF-8, or (utf8 False) holds only bytes b with allowed[b] = 1."""
    if utf8:
        return is_utf8(data, at, end)
    for i in range(at, end):  # noqa: SIM110 - a generator is no kernel's business
        if not allowed[data[i]]:
            return False
    return True


@kernel
def read_rows(
    data: U8,
    delimiter: int,
    qualifier: int,
    repeat: int,
    columns: int,
    row_limit: int,
    in_line: bool,
    line: int,
    utf8: bool,
    allowed: U8,
    span: I64,
    start: I32,
    packed: I32,
) -> tuple[int, int, int]:
    """Read all rows of `data`: (bytes read, spans, rows taken). Full where bytes read < len(data).

    line: number of the physical line at data[0]. span: int64[S, 5], one a row or run of blank lines:
    position, bytes, ROW_*, line, and for taken rows the line breaks in it, else the number of values found.
    start, packed: int32[>= rows * columns], the values of the taken rows, row by row.
    utf8: rows must be UTF-8; else they may hold only bytes b with allowed[b] = 1 (uint8[256]).
    """
    end = len(data)
    at = _0
    spans = 0
    taken = 0
    while at < end and spans < span.shape[0] and (taken + 1) * columns <= len(start):
        if in_line:
            after = _rest_of_line(data, at, end, row_limit)
            status, found, breaks = ROW_TOO_LONG, 0, 0
        else:
            after, status, found, breaks = judge_row(
                data,
                at,
                end,
                delimiter,
                qualifier,
                repeat,
                row_limit,
                start,
                packed,
                taken * columns,
                columns,
            )
        if status <= ROW_LOOSE:
            if _is_text(data, at, after, utf8, allowed):
                taken += 1
                found = breaks
            else:
                status = ROW_NOT_TEXT
        span[spans, 0] = at
        span[spans, 1] = after - at
        span[spans, 2] = status
        span[spans, 3] = line
        span[spans, 4] = found
        spans += 1
        in_line = data[after - 1] != _LF
        line += breaks + (not in_line)
        at = after
    return at, spans, taken
