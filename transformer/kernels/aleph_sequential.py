"""aleph_sequential: where records begin and end in it, one line a field.

A line is `SSSSSSSSS TTTII A value`: system number (9 digits), blank, tag (3), indicators (2), blank, script
letter, blank, value. A record is the run of lines with one number; it ends where a line of a field has
another number, or where a second LDR comes, its FMT before it (the same number occurs in bib and holdings
libraries; an FMT alone may stand twice in one record).

- Lines of nothing but blanks before a record, and lines of the number 000000000 (a dummy that ends or
  parts files), are separators. Blank lines behind a record's first line belong to the record.
- Any other line goes on the one before it: a line break stood in the value. Two kinds do not: markup
  (`<!`, `<?`, `<html`: an error page) begins garbage, and the last line of a file, cut before its value
  begins, is a span of its own (truncated).
- Bytes before a record that are no line of a field are garbage up to the next line of a field.
- A record longer than `most` bytes is cut there; what follows is judged anew.

Layout and cases: documentation of readers and real extracts, see tests/reference/aleph_sequential.py.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from transformer.kernels.bytesops import (
    below16,
    byte_at,
    equal16,
    equal64,
    find_byte,
    load8,
    size_of,
    trailing_zeros,
)
from transformer.kernels.copying import memory
from transformer.kernels.jit import inlined, kernel
from transformer.kernels.text_lines import is_blank, is_markup
from transformer.schema.batch import (
    I64,
    REASON_CODE,
    SPAN_RECORD,
    SPAN_SEPARATOR,
    SPAN_SET_ASIDE,
    U8,
)

MOST: Final = 8 << 20
"""A longer record is cut. The longest real ones (thousands of items and CAT lines) have some 2 MB."""
AHEAD: Final = 64
"""Bytes beyond a span that its end may depend on: the columns of the next line."""

DONE: Final = 0
MORE: Final = 1
FULL: Final = 2

NUMBER: Final = 9
TAG_AT: Final = 10
INDICATORS_AT: Final = 13
SCRIPT_AT: Final = 16
VALUE_AT: Final = 18
_LF: Final = 0x0A
_CR: Final = 0x0D
_BLANK: Final = 0x20
_LDR: Final = 0x4C4452
_FMT: Final = 0x464D54
_FORMAT_MOST: Final = 8
BLOCK: Final = 64
_1 = np.uint64(1)
_FOUR_BYTES = np.uint64(0xFFFFFFFF)
_LDR_BEHIND = np.uint64(int.from_bytes(b"\0\0\0\0 LDR", "little"))
_FMT_BEHIND = np.uint64(int.from_bytes(b"\0\0\0\0 FMT", "little"))
# Columns of a line as bits of a mask: its number, its blanks, tag and indicators.
_NUMBER_BITS = np.uint16(0x01FF)
_BLANK_BITS = np.uint16(0x8200)
_HEADING_BITS = np.uint16(0x7C00)
_EIGHT_ZEROS = np.uint64(0x3030303030303030)

# What a line is.
FIELD: Final = 0
ZERO: Final = 1
MARKUP: Final = 2
CUT: Final = 3
OTHER: Final = 4

_GARBAGE: Final = REASON_CODE["garbage"]
_TRUNCATED: Final = REASON_CODE["truncated"]
_TOO_LARGE: Final = REASON_CODE["record-too-large"]


@inlined
def column_good(byte, column):  # type: ignore[no-untyped-def]
    """True if `byte` may stand in this column (0 to 17) of a field's line."""
    if column < NUMBER:
        return 48 <= byte <= 57
    if column == 9 or column == 15 or column == 17:
        return byte == _BLANK
    if column == SCRIPT_AT:
        return byte == _BLANK or 65 <= byte <= 90 or 97 <= byte <= 122
    return _BLANK <= byte < 0x7F


@inlined
def is_field(data, at, end):  # type: ignore[no-untyped-def]
    """True if the line of a field begins at `at`. A line may end behind the script letter.

    The columns as in `column_good`, the first 16 at once.
    """
    if at + VALUE_AT - 1 > end:
        return False
    digits = below16(data, at, 58) & ~below16(data, at, 48)
    printable = below16(data, at, 0x7F) & ~below16(data, at, _BLANK)
    blanks = equal16(data, at, _BLANK)
    if digits & _NUMBER_BITS != _NUMBER_BITS or blanks & _BLANK_BITS != _BLANK_BITS:
        return False
    if printable & _HEADING_BITS != _HEADING_BITS or not column_good(
        byte_at(data, at + SCRIPT_AT), SCRIPT_AT
    ):
        return False
    if at + VALUE_AT - 1 == end:
        return True
    last = byte_at(data, at + VALUE_AT - 1)
    return last in (_BLANK, _LF, _CR)


@inlined
def is_zero(data, at, end):  # type: ignore[no-untyped-def]
    """True if the line is of the number 000000000."""
    if at + NUMBER > end or load8(data, at) != _EIGHT_ZEROS or byte_at(data, at + 8) != 48:
        return False
    return at + NUMBER == end or byte_at(data, at + NUMBER) <= _BLANK


@inlined
def is_cut(data, at, end):  # type: ignore[no-untyped-def]
    """True if data[at:end] is the beginning of a field's line, shorter than its columns."""
    if end - at >= VALUE_AT - 1 or at == end:
        return False
    for column in range(end - at):  # noqa: SIM110 - numba knows no `all`
        if not column_good(byte_at(data, at + column), column):
            return False
    return True


@inlined
def line_kind(data, at, end, final):  # type: ignore[no-untyped-def]
    """What the line at `at` is. end: of the data; final: the file ends there."""
    if is_zero(data, at, end):
        return ZERO
    if is_field(data, at, end):
        return FIELD
    if is_markup(data, at, end):
        return MARKUP
    return CUT if final and is_cut(data, at, end) else OTHER


@inlined
def tag_at(data, line):  # type: ignore[no-untyped-def]
    """The tag of a field's line, packed."""
    at = line + TAG_AT
    return byte_at(data, at) << 16 | byte_at(data, at + 1) << 8 | byte_at(data, at + 2)


@inlined
def same_number(data, line, other):  # type: ignore[no-untyped-def]
    """True if both lines begin with the same nine bytes."""
    return load8(data, line) == load8(data, other) and byte_at(data, line + 8) == byte_at(data, other + 8)


@kernel
def separators_end(data, at, most, offset, final):  # type: ignore[no-untyped-def]
    """(end, known) of the run of separators at `at`; end is `at` where there is none."""
    size = size_of(data)
    start = at
    limit = min(size, start + most)
    if (
        offset + at == 0
        and at + 3 <= size
        and byte_at(data, at) == 0xEF
        and byte_at(data, at + 1) == 0xBB
        and byte_at(data, at + 2) == 0xBF
    ):
        at += 3
    while at < limit:
        if not final and size - at < AHEAD:
            return at, False
        if is_blank(byte_at(data, at)):
            at += 1
        elif is_zero(data, at, size):
            end = find_byte(data, at, limit, _LF)
            if end == size and not final and size - start < most:
                return at, False
            at = min(end + 1, limit)
        else:
            return at, True
    return at, final or size - start >= most


@inlined
def leader_follows(data, line, size):  # type: ignore[no-untyped-def]
    """True if behind this line, of a short FMT, comes the LDR of the same number. Looks AHEAD bytes far."""
    end = find_byte(data, line, min(size, line + VALUE_AT + _FORMAT_MOST), _LF)
    following = end + 1
    if following + VALUE_AT > size or following + VALUE_AT > line + AHEAD:
        return False
    return tag_at(data, following) == _LDR and same_number(data, following, line)


@inlined
def plain_line(data, line, number, leader, form):  # type: ignore[no-untyped-def]
    """True if the line has this number and is neither LDR nor FMT. number: its first eight bytes; leader,
    form: the eight from the sixth on, to the end of the tag, that LDR and FMT would have."""
    behind = load8(data, line + 5)
    return (
        (load8(data, line) == number)
        & ((behind ^ leader) & _FOUR_BYTES == 0)
        & (behind != leader)
        & (behind != form)
    )


@inlined
def plain_lines(data, at, line, limit):  # type: ignore[no-untyped-def]
    """A place in the record at `at`, a field's line, before which all line ends from `line` on are passed.

    Behind each of these comes a plain line, which belongs to the record whatever else it is. Only line ends
    before `limit` are looked at, with AHEAD bytes of `data` behind them.
    The place of a line's end hangs on that of the one before it, if one searches line by line: 7 ns each.
    So 64 bytes are looked at in one go, up to two line ends without a branch: 3.3 ns a line of 58 bytes.
    """
    number = load8(data, at)
    digits = load8(data, at + 5) & _FOUR_BYTES
    leader, form = digits | _LDR_BEHIND, digits | _FMT_BEHIND
    limit = min(limit, size_of(data) - AHEAD - 1)
    block = line
    while block + BLOCK <= limit:
        ends = equal64(data, block, _LF)
        one = block + (trailing_zeros(ends) & 63) + 1
        more = ends & (ends - _1)
        two = block + (trailing_zeros(more) & 63) + 1
        good = (ends == 0) | plain_line(data, one, number, leader, form)
        good &= (more == 0) | plain_line(data, two, number, leader, form)
        if not good or more & (more - _1) != 0:
            while ends != 0:
                line = block + trailing_zeros(ends) + 1
                if not plain_line(data, line, number, leader, form):
                    return line - 1
                ends &= ends - _1
        block += BLOCK
    return block


@kernel
def span_end(data, at, most, final, record):  # type: ignore[no-untyped-def]
    """(end, state, reason) of the record or garbage at `at`."""
    size = size_of(data)
    limit = min(size, at + most)
    has_leader = record and tag_at(data, at) == _LDR
    line = at
    while True:
        if record:
            line = plain_lines(data, at, line, limit)
        end = find_byte(data, line, limit, _LF)
        if end == limit:
            if size >= at + most:
                return at + most, DONE, _TOO_LARGE
            return size, DONE if final else MORE, 0 if record else _GARBAGE
        line = end + 1
        if not final and size - line < AHEAD:
            return size, MORE, 0
        kind = line_kind(data, line, size, final)
        if not record:
            if kind in (FIELD, ZERO) or line == size:
                return line, DONE, _GARBAGE
            continue
        if line == size:
            return line, DONE, 0
        if kind in (ZERO, MARKUP) or (kind == CUT and not same_or_shorter(data, line, at, size)):
            return line, DONE, 0
        if kind != FIELD:
            continue
        if not same_number(data, line, at):
            return line, DONE, 0
        tag = tag_at(data, line)
        if has_leader and (tag == _LDR or (tag == _FMT and leader_follows(data, line, size))):
            return line, DONE, 0
        has_leader |= tag == _LDR


@inlined
def same_or_shorter(data, line, at, size):  # type: ignore[no-untyped-def]
    """True if a cut line has the whole number of the record at `at`: then the record itself is cut."""
    return size - line > NUMBER and same_number(data, line, at)


@kernel
def find_spans(
    data: U8,
    at: int,
    stop: int,
    offset: int,
    final: bool,
    most: int,
    byte_start: I64,
    byte_count: I64,
    kind: U8,
    reason: U8,
) -> tuple[int, int, int]:
    """Find spans from data[at] on, until one ends at or after `stop`: (next index, filled, state).

    data: uint8[n], of which data[0] is byte `offset` of the file; final: data ends where the file ends.
    byte_start, byte_count: int64[C], in the file; kind, reason: uint8[C]; the first `filled` are written.
    state: DONE; MORE, if bytes after data are needed to decide; FULL, if C spans were found before `stop`.
    """
    text = memory(data)
    size = len(data)
    filled = 0
    while at < stop:
        if filled == byte_start.shape[0]:
            return at, filled, FULL
        if not final and size - at < AHEAD:
            return at, filled, MORE
        end, known = separators_end(text, at, most, offset, final)
        what, why = SPAN_SEPARATOR, 0
        if end > at and not known:
            return at, filled, MORE
        if end == at:
            sort = line_kind(text, at, size, final)
            end, state, why = span_end(text, at, most, final, sort == FIELD)
            if state == MORE:
                return at, filled, MORE
            if sort == CUT and end == size:
                why = _TRUNCATED
            what = SPAN_RECORD if why == 0 else SPAN_SET_ASIDE
        byte_start[filled] = offset + at
        byte_count[filled] = end - at
        kind[filled] = what
        reason[filled] = why
        filled += 1
        at = end
    return at, filled, DONE
