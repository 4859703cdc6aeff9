"""Aleph sequential: the kernels and their twin agree on any lines; damage never costs a neighbour."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.reference import aleph_sequential as twin
from tests.reference.batches import records_of
from transformer.kernels.aleph_sequential import DONE, FULL, MORE, MOST, find_spans
from transformer.readers.aleph_sequential import read_window
from transformer.readers.walk import empty_spans
from transformer.schema.batch import REASONS, SPAN_RECORD, SPAN_SEPARATOR, SPAN_SET_ASIDE, Spans

ONE = b"""000000001 FMT   L BK
000000001 LDR   L ^^^^^nam^a22003011^^4500
000000001 001   L 000000001
000000001 008   L 880715r19701918enk^^^^^^b^^^|00100^eng^^
000000001 24514 L $$aThe descent of $ manuscripts :$$bwith ^ carets.
000000001 CAT   L $$aNOBODY$$b10
"""
TWO = b"000000002 LDR   L 00000nam^a2200301^i^4500\r\n000000002 650 0 L $$aPerl\r\n"

NUMBERS = [b"000000001", b"000000002", b"000000000", b"123456789"]
HEADS = [
    *(b" FMT   L ", b" LDR   L ", b" 001   L ", b" 008   L ", b" 24510 L ", b" 650 0 L ", b" 004   L "),
    *(b" DB    h ", b" 24510", b" ", b"", b" 650 0 L", b" 8808    "),
]
SIGNS = [b"$$b", b"$$bz$$c", b"$", b"$$$", b"$ $$b$$", b"$$\r", "é$$b".encode(), b"^"]
VALUES = [
    *(b"", b"BK", b"^^^^^nam^a22003011^^4500", b"^^^^^nam^a22003011^^450", b"nam", b"$$aPerl", b"$$aPerl^"),
    *(b"00000nam^a22003011^^4500^ ", b"$$aPerl ^", b"$$9^^$$aMARC", b"$$9^$$bMARC", b"$$9^^", b"$$9^^$$"),
    *(b"text", b"te^xt$$b", b"$$$x", b"$", b"$$", b"$$a", b"x\x1fy", b"\x1d", "Ω圖書é".encode(), b"\xc3"),
    *(b"\xff", b"\x1b$1", b"<!DOCTYPE html>", b"<html>", b"a" * 40),
]
VALUES += [
    *(b"$$a" + b"x" * size + sign for size in (28, 57, 58, 59, 60, 61, 62, 121, 122, 123) for sign in SIGNS),
    *(b"", b"$$9^^$$a" + b"y" * 60 + b"$$b", b"0^1" * 20, b"0^1" * 22, b"$$a" + b"$$b^ " * 30 + b"$5.00$$"),
]
BEHIND = (ONE + TWO) * 3
EDGES = ONE[:-1] + b"".join(
    b"\n000000001 24510 L $$a" + b"x" * size + sign for size in range(52, 70) for sign in SIGNS
)
ENDS = [b"\n", b"\n", b"\n", b"\r\n", b"\n\n", b"", b"\r", b" \n"]
lines = st.builds(
    lambda *parts: b"".join(parts),
    st.sampled_from([*NUMBERS, b""]),
    st.sampled_from(HEADS),
    st.sampled_from(VALUES),
    st.sampled_from(ENDS),
)
files = st.lists(lines, max_size=12).map(b"".join)


def found(data: bytes, most: int = MOST, room: int = 1000) -> Spans:
    text, spans = np.frombuffer(bytearray(data), np.uint8), empty_spans(room)
    at, filled, state = find_spans(
        text, 0, len(data), 0, True, most, spans.byte_start, spans.byte_count, spans.kind, spans.reason
    )
    assert (at, state) == (len(data), DONE)
    number = np.cumsum(spans.kind[:filled] != SPAN_SEPARATOR) - 1
    return Spans(
        *(a[:filled] for a in (spans.byte_start, spans.byte_count, spans.kind, spans.reason)), number
    )


def listed(spans: Spans) -> list[twin.Span]:
    columns = (spans.byte_start, spans.byte_count, spans.kind, spans.reason)
    return list(zip(*(column.tolist() for column in columns), strict=True))


@settings(deadline=None, max_examples=600)
@given(files, st.sampled_from([30, 70, MOST]))
@example(ONE + TWO, MOST)
def test_spans_agree_with_the_twin(data: bytes, most: int) -> None:
    assert listed(found(data, most)) == twin.spans(data, most)


@settings(deadline=None, max_examples=600)
@given(files, st.sampled_from([b"", BEHIND]))
@example(ONE + b"<html>\n<body>\n" + TWO, BEHIND)
@example(b"000000001 650 0 L $$aPerl^\n000000001 650 0 L $$9^^$$aMARC\n", BEHIND)
@example(EDGES, BEHIND)
def test_records_agree_with_the_twin(data: bytes, behind: bytes) -> None:
    """behind: what follows in the window, so that the wide looks of quick lines reach no end of it."""
    spans = found(data)
    records = [data[at : at + n] for at, n, kind, _ in listed(spans) if kind == SPAN_RECORD]
    wanted, refused = [], []
    for text in records:
        try:
            wanted.append(twin.record(text))
        except twin.Refused as why:
            refused.append(str(why))
    before = [REASONS[why] for _, _, kind, why in listed(spans) if kind == SPAN_SET_ASIDE]
    window = np.frombuffer(bytearray(data + behind), np.uint8)
    result = read_window(window, spans, spans.byte_start, spans.byte_count)
    assert records_of(result.batch) == wanted
    after = [REASONS[why] for _, _, kind, why in listed(result.spans) if kind == SPAN_SET_ASIDE]
    assert sorted(after) == sorted(before + refused)


@settings(deadline=None, max_examples=200)
@given(files, st.integers(0, 80))
def test_a_window_decides_as_the_file_does(data: bytes, cut: int) -> None:
    """What is decided without the end of the file is decided the same with it."""
    whole = listed(found(data + TWO))
    text = np.frombuffer(bytearray((data + TWO)[: len(data + TWO) - cut]), np.uint8)
    spans = empty_spans(1000)
    _, filled, state = find_spans(
        text, 0, len(text), 0, False, MOST, spans.byte_start, spans.byte_count, spans.kind, spans.reason
    )
    assert state in (DONE, MORE)
    assert (
        listed(
            Spans(*(a[:filled] for a in (spans.byte_start, spans.byte_count, spans.kind, spans.reason)), None)
        )
        == whole[:filled]
    )  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "broken",
    [
        b"000000009 650",
        b"000000009 650 0 L $$a\xff\n",
        b"<!DOCTYPE html>\n<p>504</p>\n",
        b"\n\n\n",
        b"000000009 LDR   L short\n",
        b"000000000 000   L 000000000\n",
    ],
)
def test_damage_never_costs_a_neighbour(broken: bytes) -> None:
    at = len(ONE)
    glued = broken if broken.endswith(b"\n") else broken + b"\n"
    whole = [(a, n) for a, n, kind, _ in listed(found(ONE + glued + TWO)) if kind == SPAN_RECORD]
    assert (at + len(glued), len(TWO)) in whole
    assert whole[0][0] == 0


def test_full_is_reported() -> None:
    text, spans = np.frombuffer(bytearray(ONE + TWO), np.uint8), empty_spans(1)
    at, filled, state = find_spans(
        text, 0, len(text), 0, True, MOST, spans.byte_start, spans.byte_count, spans.kind, spans.reason
    )
    assert (at, filled, state) == (len(ONE), 1, FULL)
