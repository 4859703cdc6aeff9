"""The index of records: the kernel and its twin agree on records, damaged and whole; pymarc on whole ones."""

from __future__ import annotations

import numpy as np
import pymarc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.makers import LEADER, raw_record, record
from tests.reference.damage import damaged, records
from tests.reference.iso2709 import Entry, fields_of
from transformer.kernels.iso2709 import MAX_ENTRIES, count_fields, index_records
from transformer.kernels.utf8 import TEXT_ESCAPE, TEXT_GOOD, TEXT_NOT_UTF8
from transformer.marc import unpack_tag
from transformer.schema.batch import REASONS, SPAN_RECORD, SPAN_SET_ASIDE

TEXT_REASONS = {TEXT_GOOD: "", TEXT_NOT_UTF8: "not-utf8", TEXT_ESCAPE: "escape-sequence"}


def indexed(pieces: list[bytes], room: int | None = None) -> list[list[Entry] | str]:
    """Fields, or reason, of each piece: the pieces are record spans side by side."""
    data = np.frombuffer(bytearray(b"".join(pieces)), np.uint8)
    count = np.array([len(piece) for piece in pieces], np.int64)
    start = np.cumsum(count) - count
    kind = np.full(len(pieces), SPAN_RECORD, np.uint8)
    reason = np.zeros(len(pieces), np.uint8)
    many, fields = count_fields(data, start, count, kind)
    fields = fields if room is None else room
    span_of, field_from = np.empty(many, np.int64), np.empty(many + 1, np.int64)
    tag, at = np.empty(fields, np.uint32), np.empty(fields, np.int64)
    length, control = np.empty(fields, np.int32), np.empty(fields, np.uint8)
    scratch = np.empty((2, MAX_ENTRIES), np.int64)
    text = np.empty(many, np.uint8)
    good, filled = index_records(
        data, start, count, kind, reason, span_of, field_from, tag, at, length, control, text, scratch
    )
    if good < 0:
        raise OverflowError
    assert field_from[good] == filled
    found: list[list[Entry] | str] = [REASONS[why] for why in reason]
    for number in range(good):
        found[span_of[number]] = TEXT_REASONS[text[number]] or [
            (
                unpack_tag(int(tag[f])),
                data[at[f] : at[f] + length[f]].tobytes(),
                bool(control[f]),
            )
            for f in range(field_from[number], field_from[number + 1])
        ]
    assert [state == SPAN_SET_ASIDE for state in kind] == [
        isinstance(item, str) and item not in TEXT_REASONS.values() for item in found
    ]
    return found


# A record span ends with a record terminator; the check of text relies on its last byte being ASCII.
whole_enough = records.flatmap(damaged).filter(lambda piece: len(piece) >= 26 and piece[-1] < 0x80)


@settings(deadline=None, max_examples=600)
@given(st.lists(st.one_of(records, whole_enough), max_size=5))
def test_agrees_with_its_twin(pieces: list[bytes]) -> None:
    assert indexed(pieces) == [fields_of(piece) for piece in pieces]


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_any_order_of_the_data_but_no_overlap(data: st.DataObject) -> None:
    """Directory entries moved about: any order is read, in directory order; shared bytes are not."""
    piece = bytearray(data.draw(records))
    base = int(piece[12:17])
    entries = [bytes(piece[at : at + 12]) for at in range(24, base - 1, 12)]
    if data.draw(st.booleans()):
        entries = data.draw(st.permutations(entries))
    else:
        entries = [data.draw(st.sampled_from(entries)) for _ in entries]
    piece[24 : base - 1] = b"".join(entries)
    assert indexed([bytes(piece)]) == [fields_of(bytes(piece))]


@settings(deadline=None, max_examples=200)
@given(st.lists(st.tuples(
    st.sampled_from(["001", "008", "100", "245", "9AB"]),
    st.text(st.sampled_from("aé圖 1"), max_size=9),
), min_size=1, max_size=5))  # fmt: skip
def test_reads_what_pymarc_reads(pairs: list[tuple[str, str]]) -> None:
    made = record(LEADER, [
        (tag, text) if tag < "010" else (tag, "1", " ", [("a", text), ("b", "x")]) for tag, text in pairs
    ])  # fmt: skip
    theirs = pymarc.Record(made)
    expected = [
        (field.tag, (field.data or "").encode(), True)
        if field.control_field
        else (
            field.tag,
            ("".join(field.indicators) + "".join(f"\x1f{s.code}{s.value}" for s in field.subfields)).encode(),
            False,
        )
        for field in theirs.fields
    ]
    assert indexed([made]) == [expected]


def test_room_is_asked_for() -> None:
    made = record(LEADER, [("001", "b1"), ("003", "X")])
    with pytest.raises(OverflowError):
        indexed([made], room=1)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda r: r[:6] + b"\x1f" + r[7:], "leader"),
        (lambda r: r[:6] + b"\xe9" + r[7:], "leader"),
        (lambda r: r[:12] + b"00048" + r[17:], "base-address"),
        (lambda r: r[:12] + b"     " + r[17:], "base-address"),
        (lambda r: r[:24] + b"\x1f01" + r[27:], "directory"),
        (lambda r: r[:27] + b"00 3" + r[31:], "directory"),
        (lambda r: r[:27] + b"9999" + r[31:], "directory"),
        (lambda r: r[:31] + b"99999" + r[36:], "directory"),
        (lambda r: r[:27] + b"0002" + r[31:], "field-terminator"),
        (lambda r: r.replace(b"b1", b"b\xe9"), "not-utf8"),
        (lambda r: r.replace(b"Title", b"\x1b$1!0"), "escape-sequence"),
    ],
)
def test_reasons(change, reason: str) -> None:  # type: ignore[no-untyped-def]
    made = record(LEADER, [("001", "b1"), ("245", "1", "0", [("a", "Title")])])
    assert indexed([made, change(made), made])[1] == reason
    assert indexed([made, change(made), made])[::2] == indexed([made, made])


def test_what_leaders_say_besides_is_not_asked() -> None:
    for leader in ("00000nam  0000000   xxxx", "00000\x02am  2200000   45\x010"):
        made = raw_record(leader, [("001", b"b1")])
        assert indexed([made]) == [[("001", b"b1", True)]]


def test_control_field_is_not_a_matter_of_the_tag_alone() -> None:
    made = raw_record(LEADER, [("001", b"b1"), ("002", b"  \x1fab1"), ("00A", b"b1"), ("FMT", b"BK")])
    assert [control for _, _, control in indexed([made])[0]] == [True, False, True, False]
