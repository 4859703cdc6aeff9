"""Small kernels of delimited text against their twins: lines of CSV, UTF-8, control characters, widening."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.reference import csv_lines as slow
from transformer.kernels.csv_lines import PAD, room_for, write_lines
from transformer.kernels.plain_text import has_control, is_utf8
from transformer.kernels.single_byte import widen, widened_size


def array(data: bytes) -> np.ndarray:
    return np.frombuffer(bytearray(data), np.uint8) if data else np.empty(0, np.uint8)


def columns_of(rows: list[list[bytes]]) -> tuple[np.ndarray, np.ndarray]:
    """The bytes of all columns with PAD behind them, and offset[columns, rows + 1]."""
    data, offset = b"", []
    for column in zip(*rows, strict=True):
        places = [len(data)]
        for text in column:
            data += text
            places.append(len(data))
        offset.append(places)
    return array(data + b'"' * PAD), np.array(offset, np.int64)


cells = st.one_of(st.binary(max_size=5), st.text('",|a', max_size=40).map(str.encode), st.just(b"x" * 16))
grids = st.integers(1, 4).flatmap(
    lambda n: st.lists(st.lists(cells, min_size=n, max_size=n), min_size=1, max_size=300 if n == 1 else 12)
)


@settings(max_examples=300, deadline=None)
@given(grids, st.sampled_from([b",", b"|"]), st.booleans())
def test_lines(rows: list[list[bytes]], delimiter: bytes, always: bool) -> None:
    data, offset = columns_of(rows)
    out = np.empty(room_for(len(data), offset.size), np.uint8)
    size = write_lines(data, offset, delimiter[0], always, out)
    assert out[:size].tobytes() == slow.lines(rows, delimiter, always)


def test_lines_that_do_not_fit() -> None:
    data, offset = columns_of([[b'"' * 50, b"y"], [b"z", b""]])
    out = np.zeros(room_for(len(data), offset.size), np.uint8)
    assert write_lines(data, offset, 44, True, out) > 0
    for room in range(0, 100, 9):
        out[:] = 7
        assert write_lines(data, offset, 44, True, out[:room]) == -1
        assert (out[room:] == 7).all()
    assert write_lines(data[:-1], offset, 44, True, out) == -1


pieces = st.sampled_from(
    [b"a", b"abcdefgh" * 5, "é".encode(), "€".encode(), "\U0001f602".encode(), "\ud7ff\ue000".encode()]
    + [bytes([byte]) for byte in (0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF)]
    + [bytes([byte]) for byte in (0xE0, 0xED, 0xEF, 0xF0, 0xF4, 0xF5, 0xFF)]
)


@settings(max_examples=500, deadline=None)
@given(st.one_of(st.lists(pieces, max_size=12).map(b"".join), st.binary(max_size=80)), st.data())
@example(b"\xf4\x8f\xbf\xbf", None)
@example(b"\xf4\x90\x80\x80", None)
@example(b"a" * 31 + b"\xc3\xa9" + b"b" * 40, None)
def test_utf8(data: bytes, draw: st.DataObject | None) -> None:
    at, end = 0, len(data)
    if draw:
        at, end = sorted((draw.draw(st.integers(0, len(data))), draw.draw(st.integers(0, len(data)))))
    try:
        data[at:end].decode()
        expected = True
    except UnicodeDecodeError:
        expected = False
    assert is_utf8(array(data), at, end) == expected


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80))
@example("\u0080")
@example("\u009f")
@example("\u00a0")
@example("\u07bf\u1000\U00010080")
def test_control_characters(text: str) -> None:
    found = has_control(np.frombuffer(text.encode(), np.uint8))
    assert found == any(unicodedata.category(character) == "Cc" for character in text)


@pytest.mark.parametrize("encoding", ["latin-1", "cp1250", "cp1252", "iso8859-15", "koi8-r"])
@settings(deadline=None)  # the first call compiles
@given(st.lists(st.binary(max_size=20), min_size=1, max_size=10))
def test_widening(encoding: str, raw: list[bytes]) -> None:
    table, texts = np.zeros((256, 4), np.uint8), []
    for byte in range(256):
        code = bytes([byte]).decode(encoding, "replace").encode()
        table[byte, 0], table[byte, 1 : 1 + len(code)] = len(code), list(code)
    data, offset = array(b"".join(raw)), np.cumsum([0, *map(len, raw)]).astype(np.int32)
    out, places = np.empty(widened_size(data, table), np.uint8), np.empty(len(offset), np.int32)
    assert widen(data, offset, table, out, places)
    texts = [out[places[i] : places[i + 1]].tobytes().decode() for i in range(len(raw))]
    assert texts == [value.decode(encoding, "replace") for value in raw]
    if len(out):
        assert not widen(data, offset, table, out[:-1], places)
    assert not widen(data, offset, table, out, places[:-1])
