"""ISO 2709: the same bytes as came in, and never a length that is not true."""

from __future__ import annotations

import pymarc
import pytest
from hypothesis import given, settings

from tests import makers
from tests.reference.batches import Field, Record, batch_of, from_iso2709
from tests.reference.strategies import records
from transformer.schema.books import ISSUE_CODES
from transformer.writers import iso2709

LEADER = b"00000nam a2200000 a 4500"


@settings(deadline=None, max_examples=200)
@given(records())
def test_same_bytes_as_the_maker_of_records(found: list[Record]) -> None:
    raw = [makers.raw_record(r.leader.decode(), [(f.tag, f.inner) for f in r.fields]) for r in found]
    for gap in (b"", b"\x1e", b"?", b"??"):
        assert iso2709.render(batch_of(found, gap=gap)).data.tobytes() == b"".join(raw)


def test_pymarc_reads_it() -> None:
    title = ("245", "1", "0", [("a", "Мастер и Маргарита"), ("c", "Булгаков")])
    raw = b"".join(makers.record(makers.LEADER, [("001", str(i)), title]) for i in range(20))
    out = iso2709.render(batch_of(from_iso2709(raw), gap=b"-")).data.tobytes()
    read = [record for record in pymarc.MARCReader(out) if record]
    assert [r["001"].data for r in read] == [str(i) for i in range(20)]
    assert {r["245"]["a"] for r in read} == {"Мастер и Маргарита"}


@pytest.mark.parametrize(
    ("leader", "marc21", "expected"),
    [
        (b"99999nam  2299999 a 4500", True, b"00026nam a2200025 a 4500"),
        (b"99999nam  2299999 a 4500", False, b"00026nam  2200025 a 4500"),
        (b"99999nam  2299999   450 ", True, b"00026nam  2200025   450 "),
        (b"99999nam  2299999   5600", True, b"00026nam a2200025   4500"),
        (b" " * 24, True, b"00026    a  00025   4500"),
    ],
)
def test_leader(leader: bytes, marc21: bool, expected: bytes) -> None:
    out = iso2709.render(batch_of([Record(leader)]), marc21=marc21).data.tobytes()
    assert out == expected + b"\x1e\x1d"


def filled(size: int) -> Field:
    """A field of `size` bytes with its terminator."""
    return Field("500", b"  \x1fa" + b"x" * (size - 5))


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ([filled(9_999)], ""),
        ([filled(10_000)], "field-too-long"),
        # 26 bytes of leader and terminators, ten fields with 12 of directory each
        ([filled(9_999)] * 9 + [filled(99_999 - 26 - 120 - 9 * 9_999)], ""),
        ([filled(9_999)] * 9 + [filled(99_999 - 26 - 120 - 9 * 9_999 + 1)], "record-too-long"),
        ([filled(10_000)] * 20, "field-too-long"),
        ([Field("2\x7f5", b"  ")], "bad-tag"),
    ],
)
def test_limits(fields: list[Field], code: str) -> None:
    rendered = iso2709.render(batch_of([Record(LEADER, []), Record(LEADER, fields), Record(LEADER, [])]))
    out = rendered.data.tobytes()
    if code:
        assert rendered.failed == ((1, code),)
        assert code in ISSUE_CODES
        assert rendered.ends.tolist() == [26, 26, 52]
    else:
        assert rendered.failed == ()
        assert int(out[26:31]) == len(out) - 52 <= 99_999
        assert from_iso2709(out)[1].fields == fields
