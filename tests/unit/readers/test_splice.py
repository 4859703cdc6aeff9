"""Pieces put in and left out: as lists of Python do it, element by element."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from transformer.readers.splice import left_out, put_in


@given(st.lists(st.tuples(st.integers(0, 6), st.lists(st.integers(10, 99), max_size=3)), max_size=5))
def test_put_in(pieces: list[tuple[int, list[int]]]) -> None:
    pieces = sorted(pieces, key=lambda piece: piece[0])
    expected = []
    for place in range(7):
        expected += [value for at, values in pieces if at == place for value in values]
        expected += [place] if place < 6 else []
    two = np.array([value for _, values in pieces for value in values], np.int64)
    two_from = np.cumsum([0, *(len(values) for _, values in pieces)])
    made = put_in(np.arange(6), two, np.array([at for at, _ in pieces], np.int64), two_from)
    assert made.tolist() == expected


@given(st.lists(st.booleans(), min_size=8, max_size=8))
def test_left_out(keep: list[bool]) -> None:
    out = np.flatnonzero(~np.array(keep))
    expected = [place for place in range(8) if keep[place]]
    assert left_out(np.arange(8), out, out + 1).tolist() == expected
