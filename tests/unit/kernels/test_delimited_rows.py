"""The kernel and its slow twin see the same rows and values, whatever the bytes."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.reference import delimited as slow
from transformer.kernels import delimited as fast
from transformer.kernels import delimited_fill as filling

STATUS = ("good", "loose", "blank", "field-count", "open-quote", "too-long", "not-utf8")
ALLOWED = np.ones(256, np.uint8)

marked = [b'"', b",", b";", b"\n", b"\r\n", b"\r", b'";"', b'","', b'"\n"', b'""']
plain = [b"a", b"b c", "\u00e9".encode(), "\U0001f602".encode(), b"\xff", b"\xc3", b"x" * 40, b"\0"]
pieces = st.sampled_from([*marked, *marked, b'"', b",", *plain])
texts = st.lists(pieces, max_size=60).map(b"".join)
dialects = st.builds(
    slow.Dialect,
    st.just(b","),
    st.sampled_from([b'"', None]),
    st.sampled_from([b";", b""]),
    st.integers(1, 4),
    st.sampled_from([7, 16, 40, 1 << 20]),
)


def marks(dialect: slow.Dialect) -> tuple[int, int, int]:
    return (
        dialect.delimiter[0],
        dialect.qualifier[0] if dialect.qualifier else fast.NONE,
        dialect.repeat[0] if dialect.repeat else fast.NONE,
    )


def array(data: bytes) -> np.ndarray:
    return np.frombuffer(bytearray(data), np.uint8) if data else np.empty(0, np.uint8)


def fast_rows(data: bytes, dialect: slow.Dialect, in_line: bool = False) -> list[slow.Row]:
    """What the kernels make of it, in the twin's words."""
    text, columns = array(data), dialect.columns
    room = len(data) + 1
    span = np.empty((room, 5), np.int64)
    start, packed = np.empty(room * columns, np.int32), np.empty(room * columns, np.int32)
    end, spans, taken = fast.read_rows(
        text, *marks(dialect), columns, dialect.row_limit, in_line, 1, True, ALLOWED, span, start, packed
    )
    assert end == len(data)
    place, offset = np.empty(columns + 1, np.int64), np.empty((columns, taken + 1), np.int32)
    filling.measure_columns(packed, taken, columns, place)
    out = np.empty(place[columns], np.uint8)
    _, qualifier, repeat = marks(dialect)
    assert filling.fill_columns(text, start, packed, taken, columns, qualifier, repeat, place, offset, out)
    if qualifier == fast.NONE and repeat != fast.NONE:
        filling.replace_byte(out, repeat, 0x1F)
    found, row = [], 0
    for begin, count, status, line, fact in span[:spans].tolist():
        if status > fast.ROW_LOOSE:
            found.append(slow.Row(begin, count, STATUS[status], line, fact))
            continue
        values = tuple(
            out[place[c] + offset[c, row] : place[c] + offset[c, row + 1]].tobytes() for c in range(columns)
        )
        found.append(slow.Row(begin, count, STATUS[status], line, columns, fact, values))
        row += 1
    assert row == taken
    return found


def comparable(rows: list[slow.Row]) -> list[slow.Row]:
    """Rows that are not text have no count of values to compare."""
    return [slow.Row(r.start, r.count, r.status, r.line) if r.status == "not-utf8" else r for r in rows]


@settings(max_examples=600, deadline=None)
@given(texts, dialects, st.booleans())
@example(b'"a\n"d","e","f"\n', slow.Dialect(b",", b'"', b";", 3), False)
@example(b'"a"",""b"\n', slow.Dialect(b",", b'"', b";", 2), False)
@example(b'1,"x\n2,3,4\ny",z\n', slow.Dialect(b",", b'"', b";", 3), False)
@example(b'"' + b"\n" * 101 + b'"\n', slow.Dialect(b",", b'"', b";", 1), False)
@example(b'"' + b"\n" * 100 + b'"\n', slow.Dialect(b",", b'"', b";", 1), False)
def test_kernel_and_twin_agree(data: bytes, dialect: slow.Dialect, in_line: bool) -> None:
    assert comparable(fast_rows(data, dialect, in_line)) == comparable(slow.rows(data, dialect, 1, in_line))


@settings(max_examples=300, deadline=None)
@given(texts, dialects, st.data())
def test_skimming_stops_where_rows_begin(data: bytes, dialect: slow.Dialect, draw: st.DataObject) -> None:
    until = draw.draw(st.integers(0, len(data)))
    scratch = np.empty(dialect.columns, np.int32), np.empty(dialect.columns, np.int32)
    at, rows, lines, in_line = fast.skim_rows(
        array(data), 0, until, *marks(dialect), dialect.columns, dialect.row_limit, False, *scratch
    )
    before = [row for row in slow.rows(data, dialect) if row.start < until]
    assert at == sum(row.count for row in before)
    assert rows == sum(row.status != "blank" for row in before)
    assert lines == data.count(b"\n", 0, at)
    if at:
        assert in_line == (data[at - 1] != ord("\n"))


@settings(max_examples=300, deadline=None)
@given(texts, dialects, st.data())
def test_rows_do_not_depend_on_where_reading_begins(
    data: bytes, dialect: slow.Dialect, draw: st.DataObject
) -> None:
    """Cut at any row's end: both halves together give the rows of the whole (partitions rest on this)."""
    whole = comparable(fast_rows(data, dialect))
    cut = draw.draw(st.sampled_from([0] + [row.start + row.count for row in whole]))
    first, second = (
        fast_rows(data[:cut], dialect),
        fast_rows(data[cut:], dialect, data[:cut][-1:] not in (b"", b"\n")),
    )
    ends = [(row.start, row.count, row.status) for row in first]
    ends += [(row.start + cut, row.count, row.status) for row in second]
    assert ends == [(row.start, row.count, row.status) for row in whole]


def test_full_is_reported() -> None:
    text, span = array(b"a,b\nc,d\n"), np.empty((1, 5), np.int64)
    start, packed = np.empty(4, np.int32), np.empty(4, np.int32)
    head = (text, 44, 34, 59, 2, 1 << 20, False, 1, True, ALLOWED)
    assert fast.read_rows(*head, span, start, packed) == (4, 1, 1)
    span = np.empty((9, 5), np.int64)
    assert fast.read_rows(*head, span, start[:3], packed[:3]) == (4, 1, 1)
    place, offset = np.array([0, 17, 34], np.int64), np.empty((2, 2), np.int32)
    assert not filling.fill_columns(text, start, packed, 1, 2, 34, 59, place, offset, np.empty(33, np.uint8))
    assert not filling.fill_columns(
        text, start, packed, 1, 2, 34, 59, place, offset[:, :1], np.empty(34, np.uint8)
    )
