"""The repair of a record: the kernel and its twin agree on any damage, one accident or two."""

from __future__ import annotations

import dataclasses
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.damage.case import RECORD
from tests.damage.makers import MAKERS
from tests.damage.records import Made, Parts, made
from tests.makers import LEADER, raw_record
from tests.reference import mend as twin
from tests.reference.damage import GARBAGE, ODD_BYTES, damaged, records
from transformer.kernels import mend
from transformer.kernels.utf8 import TEXT_GOOD, TEXT_NOT_UTF8
from transformer.marc import unpack_tag
from transformer.schema.batch import REASONS

BITS = dict(
    zip(
        twin.ORDER,
        (
            mend.LENGTH, mend.BASE, mend.DIRECTORY, mend.TERMINATOR, mend.LEADER, mend.OVERSIZE,
            mend.UNNAMED, mend.DOUBTFUL,
        ),
        strict=True,
    )
)  # fmt: skip
ONE = Made(LEADER, (("001", b"b1"), ("245", b"10\x1faOf mice and moons"), ("650", b" 0\x1faMoon\x1fxMice")))


def repaired(pieces: list[bytes], room: tuple[int, int] = (0, 0)) -> list[twin.Mended | str]:
    """What the kernel makes of damaged spans that lie side by side."""
    data = np.frombuffer(bytearray(b"".join(pieces)), np.uint8)
    count = np.array([len(piece) for piece in pieces], np.int64)
    start = np.cumsum(count) - count
    wanted = np.arange(len(pieces))
    fields, most = mend.count_pieces(data, start, count, wanted)
    fields, most = fields + room[0], most + room[1]
    many = len(pieces)
    mends, reason, field_from = (
        np.empty(many, np.uint8),
        np.empty(many, np.uint8),
        np.empty(many + 1, np.int64),
    )
    tag, at, length = np.empty(fields, np.uint32), np.empty(fields, np.int64), np.empty(fields, np.int32)
    control, doubtful = np.empty(fields, np.uint8), np.empty(fields, np.uint8)
    text, leader = np.empty(many, np.uint8), np.empty(24 * many, np.uint8)
    scratch = np.empty((mend.SCRATCH_ROWS, most), np.int64)
    filled = mend.mend_records(
        data, start, count, wanted, mends, reason, field_from, tag, at, length, control, doubtful, text,
        leader, scratch,
    )  # fmt: skip
    if filled < 0:
        raise OverflowError
    found: list[twin.Mended | str] = []
    for n, piece in enumerate(pieces):
        if not mends[n]:
            assert field_from[n] == field_from[n + 1]
            found.append(REASONS[reason[n]])
            continue
        places = range(field_from[n], field_from[n + 1])
        values = [data[at[f] : at[f] + length[f]].tobytes() for f in places]
        found.append(
            twin.Mended(
                leader[24 * n : 24 * n + 24].tobytes(),
                [
                    (unpack_tag(int(tag[f])), value, bool(control[f]), bool(doubtful[f]))
                    for f, value in zip(places, values, strict=True)
                ],
                frozenset(name for name, bit in BITS.items() if mends[n] & bit),
            )
        )
        check_text(int(text[n]), values, piece, int(max(at[f] + length[f] for f in places) - start[n]))
    return found


def check_text(text: int, values: list[bytes], record: bytes, last: int) -> None:
    """GOOD: all values are UTF-8 without escape sequences. NOT_UTF8: the record is not, up to there."""
    if text == TEXT_GOOD:
        assert all(value.decode() is not None and b"\x1b" not in value for value in values)
    if text == TEXT_NOT_UTF8:
        with pytest.raises(UnicodeDecodeError):
            record[24 : last + 1].decode()


def expected(record: bytes) -> twin.Mended | str:
    """What the twin makes of it. A record in which nothing is wrong is not asked of it; then it says so."""
    found = twin.mend(record)
    if isinstance(found, twin.Mended) and not found.wrong:
        return dataclasses.replace(found, wrong=frozenset({"length"}))
    return found


@settings(deadline=None, max_examples=300)
@given(st.lists(st.one_of(records.flatmap(damaged), records), max_size=4))
def test_agrees_with_its_twin(pieces: list[bytes]) -> None:
    assert repaired(pieces) == [expected(piece) for piece in pieces]


@settings(deadline=None, max_examples=300)
@given(records.flatmap(damaged).filter(len).flatmap(damaged))
def test_agrees_with_its_twin_on_two_accidents(piece: bytes) -> None:
    assert repaired([piece]) == [expected(piece)]


# The makers of sizes are slow to draw from, and of a hundred thousand bytes nothing is seen.
SMALL = sorted(kind for kind in MAKERS if "over" not in kind or kind == "entry-over-another")


@settings(deadline=None, max_examples=250)
@given(st.integers(0, 1 << 32), st.sampled_from(SMALL), st.sampled_from(SMALL), st.booleans())
def test_agrees_with_its_twin_on_each_kind(seed: int, kind: str, other: str, twice: bool) -> None:
    """Each kind of damage; and two at once, where what the first left can still be read for the second."""
    random = Random(seed)
    whole = made(random, seed % 1000)
    found = random.choice(list(MAKERS[kind](random, whole, ONE.raw)))
    (record,) = (piece for piece, role in found.pieces if role == RECORD)
    if twice:
        again = random.choice(list(MAKERS[other](random, whole, ONE.raw)))
        (second,) = (piece for piece, role in again.pieces if role == RECORD)
        # The directory of one and the data of the other.
        record = record[: 24 + 12 * len(whole.fields)] + second[24 + 12 * len(whole.fields) :]
    assert repaired([record]) == [expected(record)]


@settings(deadline=None, max_examples=250)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["001", "100", "245", "9AB"]), st.sampled_from([b"", b"a", b"1 \x1fab", b"\xc3"])
        ),
        min_size=1,
        max_size=5,
    ),
    st.lists(st.tuples(st.integers(0, 200), st.sampled_from([*ODD_BYTES, *b"0123"])), max_size=4),
    st.sampled_from([*GARBAGE, b""]),
)  # fmt: skip
def test_agrees_with_its_twin_on_small_fields(
    fields: list[tuple[str, bytes]], changes: list[tuple[int, int]], behind: bytes
) -> None:
    """Empty and equal fields, with bytes changed anywhere."""
    piece = bytearray(raw_record(LEADER, fields) + behind)
    for at, byte in changes:
        piece[at % len(piece)] = byte
    assert repaired([bytes(piece)]) == [expected(bytes(piece))]


@pytest.mark.parametrize("kind", ["record-oversize", "record-overflow", "field-oversize"])
def test_agrees_with_its_twin_on_what_is_too_long(kind: str) -> None:
    random = Random(kind)
    for found in MAKERS[kind](random, made(random, 1), b""):
        assert repaired([found.raw]) == [expected(found.raw)]


def test_room_is_asked_for() -> None:
    broken = dataclasses.replace(Parts.of(ONE), length=b"00000").raw()
    assert isinstance(repaired([broken])[0], twin.Mended)
    for room in ((-1, 0), (0, -1)):
        with pytest.raises(OverflowError):
            repaired([broken], room)


def test_more_terminators_than_any_record_has() -> None:
    """Room does not grow with what is no record."""
    data = np.frombuffer(bytearray(b"\x1e" * 4_000_000), np.uint8)
    span = np.array([0]), np.array([len(data)]), np.array([0])
    fields, pieces = mend.count_pieces(data, *span)
    assert fields <= 2 << 17 and pieces <= 2 << 17
