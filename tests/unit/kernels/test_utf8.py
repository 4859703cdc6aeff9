"""UTF-8 and escapes, against Python's own decoder."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transformer.kernels.utf8 import TEXT_ESCAPE, TEXT_GOOD, TEXT_NOT_UTF8, text_verdict

# First and last of every range of Unicode 16, table 3-7, and what lies just outside.
EDGES = [0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC, 0xED, 0xEE,
         0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF, 0x1B]  # fmt: skip
GOOD = [
    "a",
    "bc",
    "\x1b",
    "\x80",
    "é",
    "\u07ff",
    "\u0800",
    "圖",
    "\ud7ff",
    "\ue000",
    "\U00010000",
    "\U0010ffff",
]
pieces = st.lists(
    st.one_of(
        st.sampled_from(GOOD).map(str.encode),
        st.sampled_from(EDGES).map(lambda byte: bytes([byte])),
        st.sampled_from([b"x" * 29, b"y" * 32]),
    ),
    max_size=40,
).map(b"".join)


def expected(text: bytes) -> int:
    try:
        text.decode()
    except UnicodeDecodeError:
        return TEXT_NOT_UTF8
    return TEXT_ESCAPE if b"\x1b" in text else TEXT_GOOD


def verdict(text: bytes, after: bytes) -> int:
    data = np.frombuffer(bytearray(b"abc" + text + b"\x1d" + after), np.uint8)
    return text_verdict(data, 3, 3 + len(text) + 1)


@settings(deadline=None, max_examples=1000)
@given(pieces, st.sampled_from([b"", b"x" * 40, b"\xff" * 40]))
def test_agrees_with_python(text: bytes, after: bytes) -> None:
    assert verdict(text, after) == expected(text)


@pytest.mark.parametrize("first", EDGES)
def test_every_pair_of_edges(first: int) -> None:
    for second in EDGES:
        for third in (b"", b"\x80", b"\xbf", b"\x80\x80", b"A"):
            for before in (b"", b"z" * 31):
                text = before + bytes([first, second]) + third
                assert verdict(text, b"") == expected(text), text
                assert verdict(text, b" " * 64) == expected(text), text
