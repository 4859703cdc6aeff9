"""Spans: the kernel and its twin agree on any bytes; damage never costs a neighbour."""

from __future__ import annotations

import numpy as np
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from tests.makers import LEADER, record
from tests.reference import boundary as twin
from tests.reference.damage import GARBAGE, ODD_BYTES, damaged, files, records
from transformer.kernels.boundary import DONE, FULL, MORE, MOST, find_spans
from transformer.schema.batch import REASONS, SPAN_RECORD, SPAN_SEPARATOR, SPAN_SET_ASIDE

ONE = record(LEADER, [("001", "b1"), ("245", "1", "0", [("a", "Of mice and moons")])])
TWO = record(LEADER, [("001", "b2"), ("650", " ", "0", [("a", "Moon"), ("x", "Mice")])])


def found(data: bytes, most: int = MOST, room: int = 1000) -> tuple[list[twin.Span], int]:
    text = np.frombuffer(bytearray(data), np.uint8)
    arrays = (
        np.empty(room, np.int64),
        np.empty(room, np.int64),
        np.empty(room, np.uint8),
        np.empty(room, np.uint8),
    )
    at, filled, status = find_spans(text, 0, len(data), 0, True, most, *arrays)
    spans = list(zip(*(array[:filled].tolist() for array in arrays), strict=True))
    assert at == sum(count for _, count, _, _ in spans)
    return spans, status


def facts(data: bytes) -> list[tuple[bytes, int, str]]:
    """(bytes, kind, reason) of each span, for tests by hand."""
    return [(data[at : at + count], kind, REASONS[why]) for at, count, kind, why in found(data)[0]]


@settings(deadline=None, max_examples=400)
@given(files(), st.sampled_from([7, 60, MOST]))
def test_agrees_with_its_twin(data: bytes, most: int) -> None:
    assert found(data, most) == (twin.spans(data, most), DONE)


@settings(deadline=None, max_examples=400)
@given(
    st.lists(st.sampled_from([*GARBAGE, ONE, TWO, ONE[:30], *(bytes([b]) for b in ODD_BYTES)]), max_size=12)
)
def test_agrees_with_its_twin_on_rubble(pieces: list[bytes]) -> None:
    data = b"".join(pieces)
    assert found(data) == (twin.spans(data, MOST), DONE)


@settings(deadline=None, max_examples=400)
@given(
    st.lists(records, min_size=1, max_size=4),
    records.flatmap(damaged),
    st.lists(records, min_size=1, max_size=4),
)
@example([ONE], ONE[:40], [TWO])
@example([ONE], b"%05d" % (len(ONE) + len(TWO)) + ONE[5:], [TWO])
def test_damage_never_costs_a_neighbour(before: list[bytes], broken: bytes, after: list[bytes]) -> None:
    """Unless the damaged one, its neighbour taken in, is a record of which everything agrees: see below."""
    data = b"".join([*before, broken, *after])
    start = len(b"".join(before))
    reach = twin.record_length(data, start)
    assume(reach <= len(broken) or twin.directory_end(data, start) != start + reach)
    whole = {(at, count) for at, count, kind, _ in found(data)[0] if kind == SPAN_RECORD}
    at = 0
    for number, piece in enumerate([*before, broken, *after]):
        if number != len(before):
            assert (at, len(piece)) in whole
        at += len(piece)


def test_wholly_inside_another() -> None:
    """A record cut by as many bytes as its neighbour has, which ends where the cut field should have ended:
    length, base address, directory and terminators agree, and nothing tells them from a field's text."""
    empty = b"00026nam a2200025 a 4500\x1e\x1d"
    directory = b"001000300000" + b"500003600003"
    cut = b"00089nam a2200049 a 4500" + directory + b"\x1eb1\x1e" + b"  \x1faMice"
    cut += b"!" * (89 - len(cut) - len(empty))  # 26 bytes of the field are lost: as many as `empty` has
    assert facts(ONE + cut + empty + TWO) == [
        (ONE, SPAN_RECORD, ""),
        (cut + empty, SPAN_RECORD, ""),
        (TWO, SPAN_RECORD, ""),
    ]


def test_clean_file() -> None:
    assert facts(ONE + b"\r\n" + TWO + b"\x1a") == [
        (ONE, SPAN_RECORD, ""),
        (b"\r\n", SPAN_SEPARATOR, ""),
        (TWO, SPAN_RECORD, ""),
        (b"\x1a", SPAN_SEPARATOR, ""),
    ]


def test_a_byte_order_mark_is_a_separator_anywhere() -> None:
    """Files that were put together have one at each seam."""
    for piece in (b"\xef\xbb\xbf", b"\xef\xbb\xbf\r\n"):
        assert facts(piece + ONE + piece + TWO) == [
            (piece, SPAN_SEPARATOR, ""),
            (ONE, SPAN_RECORD, ""),
            (piece, SPAN_SEPARATOR, ""),
            (TWO, SPAN_RECORD, ""),
        ]


def test_a_record_terminator_alone_is_a_separator() -> None:
    assert facts(ONE + b"\x1d\x1d\n" + TWO) == [
        (ONE, SPAN_RECORD, ""),
        (b"\x1d\x1d\n", SPAN_SEPARATOR, ""),
        (TWO, SPAN_RECORD, ""),
    ]


def test_a_blank_length_is_no_separator() -> None:
    broken = b"     " + ONE[5:]
    assert facts(TWO + broken + b"\r\n  " + TWO + broken) == [
        (TWO, SPAN_RECORD, ""),
        (broken, SPAN_SET_ASIDE, "record-length"),
        (b"\r\n  ", SPAN_SEPARATOR, ""),
        (TWO, SPAN_RECORD, ""),
        (broken, SPAN_SET_ASIDE, "record-length"),
    ]


def test_a_signed_leader_ends_damage_whatever_its_length() -> None:
    """Both are wrong: the first has no terminator, the second no length."""
    one, two = ONE[:-1], b"99999" + TWO[5:-1]
    assert facts(one + two + ONE) == [
        (one, SPAN_SET_ASIDE, "record-length"),
        (two, SPAN_SET_ASIDE, "record-length"),
        (ONE, SPAN_RECORD, ""),
    ]


def test_the_directory_says_where_a_record_with_terminators_inside_ends() -> None:
    odd = record(LEADER, [("245", "1", "0", [("a", "one\x1dtwo" + ONE.decode())])])
    broken = b"00000" + odd[5:]
    assert facts(broken + TWO) == [(broken, SPAN_SET_ASIDE, "record-length"), (TWO, SPAN_RECORD, "")]


def test_page_in_the_middle() -> None:
    page = b"<html>\n<p>504 Gateway Time-out</p></html>"
    assert facts(ONE + page + TWO) == [
        (ONE, SPAN_RECORD, ""),
        (page, SPAN_SET_ASIDE, "garbage"),
        (TWO, SPAN_RECORD, ""),
    ]


def test_wrong_length_ends_at_its_own_terminator() -> None:
    for length in (len(ONE) - 1, len(ONE) + 1, 99_999, 0, 26):
        broken = b"%05d" % length + ONE[5:]
        assert facts(broken + TWO) == [(broken, SPAN_SET_ASIDE, "record-length"), (TWO, SPAN_RECORD, "")]


def test_length_of_two_records_is_found_out() -> None:
    broken = b"%05d" % (len(ONE) + len(TWO)) + ONE[5:]
    assert facts(broken + TWO) == [(broken, SPAN_SET_ASIDE, "record-length"), (TWO, SPAN_RECORD, "")]


def test_cut_record_in_the_middle_and_at_the_end() -> None:
    for cut in range(6, len(ONE)):
        assert facts(ONE[:cut] + TWO) == [
            (ONE[:cut], SPAN_SET_ASIDE, "record-length"),
            (TWO, SPAN_RECORD, ""),
        ]
        assert facts(TWO + ONE[:cut]) == [(TWO, SPAN_RECORD, ""), (ONE[:cut], SPAN_SET_ASIDE, "truncated")]


def test_terminator_inside_a_value_is_no_end() -> None:
    odd = record(LEADER, [("245", "1", "0", [("a", "one\x1dtwo")])])
    assert facts(odd + TWO) == [(odd, SPAN_RECORD, ""), (TWO, SPAN_RECORD, "")]


def test_garbage_is_cut() -> None:
    assert [count for _, count, _, _ in found(b"x" * 1000, most=300)[0]] == [300, 300, 300, 100]


def test_full_is_told_and_nothing_is_lost() -> None:
    spans, status = found(ONE + TWO + ONE, room=2)
    assert status == FULL and spans == [(0, len(ONE), SPAN_RECORD, 0), (len(ONE), len(TWO), SPAN_RECORD, 0)]


def test_more_is_asked_for_where_the_end_is_not_known() -> None:
    room = [np.empty(9, kind) for kind in (np.int64, np.int64, np.uint8, np.uint8)]
    text = np.frombuffer(bytearray(ONE + TWO[:50]), np.uint8)
    assert find_spans(text, 0, len(text), 0, False, MOST, *room) == (len(ONE), 1, MORE)
