"""Columns of text -> lines of CSV, values quoted always or where needed."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

from transformer.kernels.bytesops import copy16, equal16, trailing_zeros
from transformer.kernels.jit import inlined, kernel

U8 = npt.NDArray[np.uint8]

PAD: Final = 16
"""Bytes that must lie behind the last value in `data`, and room that `out` has to spare."""
_BLOCK_ROWS: Final = 128
_QUOTE: Final = 34
_LF: Final = 10


def room_for(value_bytes: int, values: int) -> int:
    """Size of `out` that is never too small: every byte a quotation mark, every value quoted."""
    return 2 * value_bytes + 3 * values + 2 * PAD


@inlined
def _needs_quotes(data, at, end, delimiter):  # type: ignore[no-untyped-def]
    """True if data[at:end] holds a quotation mark or the delimiter."""
    while at < end:
        mask = equal16(data, at, _QUOTE) | equal16(data, at, delimiter)
        if mask and trailing_zeros(mask) < end - at:
            return True
        at += 16
    return False


@inlined
def _put_doubled(data, at, end, out, to):  # type: ignore[no-untyped-def]
    """data[at:end] with quotation marks doubled: the end of what was written."""
    while at < end:
        copy16(out, to, data, at)
        mask = equal16(data, at, _QUOTE)
        count = min(trailing_zeros(mask) + 1 if mask else 16, end - at)
        at += count
        to += count
        if mask and data[at - 1] == _QUOTE:
            out[to] = _QUOTE
            to += 1
    return to


@inlined
def _fetch(data, offset, columns, first, last):  # type: ignore[no-untyped-def]
    """Touch what rows first to last will read, column by column; the byte returned means nothing.

    Row by row, every column is a stream of its own, more than a processor foresees: without this nearly
    each new cache line was waited for.
    """
    touched = np.uint8(0)
    for column in range(columns):
        for row in range(first, last, 8):
            touched ^= np.uint8(offset[column, row] & 1)
        for at in range(max(offset[column, first], 0), min(offset[column, last], len(data)), 64):
            touched ^= data[at]
    return touched


@kernel
def write_lines(data: U8, offset: Any, delimiter: int, always: bool, out: U8) -> int:
    """Write all rows; bytes written, or -1 where `out` or `data` is too small.

    data: uint8, the bytes of all columns, PAD bytes behind the last. offset: int64[columns, rows + 1],
    value v of column c is data[offset[c, v]:offset[c, v + 1]]. A line is its values divided by
    `delimiter` (a byte, ASCII) and LF at the end. A value is in quotation marks if `always`, or if it
    holds a quotation mark or the delimiter, or is empty and alone on its line. out: uint8, `room_for`.

    Measured, 25 columns of 7 bytes a value, in one run: Arrow's writer 27 ns a value, this 12 to 17,
    without `_fetch` 30.
    """
    columns, ends = offset.shape
    to = 0
    if len(out) < PAD:
        return -1
    for first in range(0, ends - 1, _BLOCK_ROWS):
        last = min(first + _BLOCK_ROWS, ends - 1)
        out[len(out) - 1] = _fetch(data, offset, columns, first, last)
        for row in range(first, last):
            for column in range(columns):
                at = offset[column, row]
                end = offset[column, row + 1]
                if at < 0 or end + PAD > len(data) or to + 2 * (end - at) + 3 + PAD > len(out):
                    return -1
                if always or (columns == 1 and at == end) or _needs_quotes(data, at, end, delimiter):
                    out[to] = _QUOTE
                    to = _put_doubled(data, at, end, out, to + 1)
                    out[to] = _QUOTE
                    to += 1
                else:
                    for step in range(0, end - at, 16):
                        copy16(out, to + step, data, at + step)
                    to += end - at
                out[to] = delimiter if column + 1 < columns else _LF
                to += 1
    return to
