"""Edits by tag on whole batches, and 880 fields that follow, against twins that go field by field."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reference.batches import Field, Record, batch_of, records_of
from tests.reference.edits import pairs
from transformer.readers.fields import field_rows
from transformer.schema.batch import MarcBatch
from transformer.schema.tag_edits import TagEdit, TagTable, meets_any
from transformer.writers.tag_table import edit_by_tag, follow_pairs

LEADER = b"00000nam a2200000 a 4500"
tags = st.sampled_from(["001", "009", "245", "590", "650", "9AB", "880", "SFX"])
patterns = st.sampled_from(["9XX", "XXX", "590", "65X", "9AB", "SFX", "00X"])
links = st.sampled_from(
    [
        "",
        "880-01",
        "880-02/r",
        "245-01",
        "245-01/(3/r",
        "650-02",
        "590-00",
        "880",
        "24",
        "880-0",
        "590-01",
        "x",
    ]
)


@st.composite
def fields(draw: st.DrawFn) -> Field:
    tag = draw(tags)
    if tag < "010":
        return Field(tag, draw(st.sampled_from([b"", b"1", b"value"])), True)
    pieces = [f"6{draw(links)}"] if draw(st.booleans()) else []
    pieces += draw(st.lists(st.sampled_from(["aTitle", "6880-01", "bSämi", ""]), max_size=2))
    return Field(tag, "\x1f".join([draw(st.sampled_from(["10", "  ", "1", ""])), *pieces]).encode())


records = st.lists(st.builds(Record, st.just(LEADER), st.lists(fields(), max_size=7)), max_size=4)
edits = st.one_of(
    st.builds(TagEdit, st.just("drop"), st.tuples(patterns), st.one_of(st.just(()), st.tuples(patterns))),
    st.builds(TagEdit, st.just("retag"), st.tuples(patterns), to=st.sampled_from(["590", "9AB", "245"])),
    st.builds(
        TagEdit, st.just("indicators"), st.tuples(patterns),
        ind1=st.sampled_from(["", "7"]), ind2=st.sampled_from(["", " "]),
    ),
)  # fmt: skip


@settings(deadline=None)
@given(records, st.lists(edits, max_size=4), st.booleans(), st.lists(patterns, max_size=1))
def test_tag_table(made: list[Record], steps: list[TagEdit], added: bool, staged: list[str]) -> None:
    table = TagTable(tuple(steps), tuple(staged))
    after, gone = edit_by_tag(batch_of(made, added=added, gap=b"\x1f6880"), table)
    flat = [field for record in made for field in record.fields]
    drop = np.zeros(len(flat), np.uint8) if gone is None else gone
    ours = [field for record in records_of(after) for field in record.fields]
    for before, now, left in zip(flat, ours, drop.tolist(), strict=True):
        fate = table.fate(before.tag)
        assert bool(left) == (fate.tag == "")
        if left:
            continue
        inner = before.inner
        if not before.control and len(inner) >= 2:
            inner = (fate.ind1.encode() or inner[:1]) + (fate.ind2.encode() or inner[1:2]) + inner[2:]
        assert now == Field(fate.tag, inner, before.control)


@settings(deadline=None)
@given(records, st.data())
def test_880_fields_follow(made: list[Record], data: st.DataObject) -> None:
    after = []
    for record in made:
        kept = [f for f in record.fields if data.draw(st.integers(0, 3))]
        new = [Field(data.draw(tags.filter(lambda t: t > "010")), f.inner) for f in kept[:1] if not f.control]
        after.append(Record(LEADER, [*kept[len(new) :], *new]))
    numbers = list(range(3, 3 + len(made)))
    ours = follow_pairs(batch_of(made, numbers=numbers), _sharing(made, after, numbers))
    expected = [pairs(b.fields, a.fields) for b, a in zip(made, after, strict=True)]
    assert [record.fields for record in records_of(ours)] == expected


def _sharing(made: list[Record], after: list[Record], numbers: list[int]) -> MarcBatch:
    """The edited batch on the first one's bytes: all its own text lies in `added`."""
    from dataclasses import replace

    batch = batch_of(after, numbers=numbers)
    return replace(
        batch,
        data=batch_of(made).data,
        added=batch.data,
        start=-1 - batch.start,
        leader=-1 - batch.leader,
    )


@settings(deadline=None)
@given(records, st.lists(patterns, min_size=1, max_size=2), st.booleans())
def test_fields_of_some_tags_as_rows(made: list[Record], wanted: list[str], added: bool) -> None:
    rows = field_rows(batch_of(made, added=added), tuple(wanted)).to_pylist()
    assert rows == [
        {"record_no": r, "field_no": f, "tag": field.tag, "is_control": field.control}
        | {"inner": field.inner.decode()}
        for r, record in enumerate(made)
        for f, field in enumerate(record.fields)
        if meets_any(field.tag, tuple(wanted))
    ]
