"""Rows of fields and subfields: the tables and their twin agree on any fields, in both buffers."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reference import subfield as twin
from tests.reference.batches import Field, Record, batch_of
from transformer.kernels.subfield import VIEW_BYTES, count_subfields, fill_subfields
from transformer.readers.tables import field_table, subfield_table

# Short and long around the 12 bytes that a view holds, and around the 32 that a compare sees.
PIECES = [
    "\x1fa", "\x1fb", "\x1f", "\x1f\x1f", "\x1fé", "\x1f圖", "\x1f😀", "é", "圖", "1", "0", " ",
    "abcdefghijk", "abcdefghijkl", "abcdefghijklm", "x" * 29, "y" * 32, "\n", "\x1e", "\x1d", "\0",
]  # fmt: skip
inner = st.lists(st.sampled_from(PIECES), max_size=10).map("".join)
tags = st.sampled_from(["001", "008", "100", "245", "650", "999", "00A", "9AB", "LDR"])
fields = st.builds(lambda tag, text, control: Field(tag, text.encode(), control), tags, inner, st.booleans())
records = st.lists(
    st.builds(Record, st.just(b"00000nam a2200000 a 4500"), st.lists(fields, max_size=5)), max_size=4
)


@settings(deadline=None, max_examples=400)
@given(records, st.booleans(), st.sampled_from([b"", b"\x1f", b"x" * 40]))
def test_field_table_agrees_with_its_twin(found: list[Record], added: bool, gap: bytes) -> None:
    table = field_table(batch_of(found, added=added, gap=gap))
    table.validate(full=True)
    assert table.to_pylist() == twin.field_rows(found)


@settings(deadline=None, max_examples=400)
@given(
    records,
    st.booleans(),
    st.sampled_from([b"", b"\x1f", b"x" * 40]),
    st.one_of(st.none(), st.frozensets(tags, max_size=3)),
)
def test_subfield_table_agrees_with_its_twin(
    found: list[Record], added: bool, gap: bytes, wanted: frozenset[str] | None
) -> None:
    batch = batch_of(found, added=added, gap=gap)
    table = subfield_table(batch, wanted)
    table.validate(full=True)
    assert table.to_pylist() == twin.subfield_rows(found, wanted)
    some = field_table(batch, wanted).to_pylist()
    assert some == [row for row in twin.field_rows(found) if wanted is None or row["tag"] in wanted]


def test_room_is_asked_for() -> None:
    batch = batch_of([Record(b" " * 24, [Field("245", b"10\x1faone\x1fbtwo")])])
    wanted = np.ones(1, np.uint8)
    assert count_subfields(batch.data, batch.added, batch.start, batch.length, wanted) == 2
    numbers = np.empty(1, np.int64), *(np.empty(1, np.int32) for _ in range(4))
    assert fill_subfields(
        batch.data, batch.added, batch.field_from, batch.record_no, np.zeros(1, np.int32), batch.start,
        batch.length, wanted, *numbers, np.empty(VIEW_BYTES, np.uint8),
    ) == (-1, 0)  # fmt: skip


def test_by_hand() -> None:
    """What the standards leave open, as the schema says it."""
    texts = [
        "10\x1faTitle /\x1fcBy.",
        "\x1faNo indicators",
        "1\x1faOne",
        "10lost\x1faText",
        "10",
        "",
        "10\x1f\x1fa",
    ]
    batch = batch_of([Record(b" " * 24, [Field("245", text.encode()) for text in texts])])
    found = [(row["ind1"], row["ind2"]) for row in field_table(batch).to_pylist()]
    assert found == [("1", "0"), (" ", " "), ("1", " "), ("1", "0"), ("1", "0"), (" ", " "), ("1", "0")]
    assert [
        (r["field_no"], r["subfield_no"], r["code"], r["value"]) for r in subfield_table(batch).to_pylist()
    ] == [
        (0, 0, "a", "Title /"),
        (0, 1, "c", "By."),
        (1, 0, "a", "No indicators"),
        (2, 0, "a", "One"),
        (3, 0, "", "lost"),
        (3, 1, "a", "Text"),
        (6, 0, "", ""),
        (6, 1, "a", ""),
    ]
