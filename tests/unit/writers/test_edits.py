"""Edits from tables: what is ignored, what is refused, and the rule of the new field's place."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from tests.reference.batches import Field, Record, batch_of, records_of
from transformer.errors import UsageError
from transformer.writers.edits import apply_edits, edits_from_tables, ignored_rows

LEADER = b"00000nam a2200000 a 4500"


def data(tag: str, text: str = "x") -> Field:
    return Field(tag, f"  \x1fa{text}".encode())


FIELDS = [data("100"), data("500", "1"), data("245"), data("500", "2"), data("700")]
BATCH = batch_of([Record(LEADER, FIELDS)], numbers=[7])


def new_rows(*fields: tuple[str, str], number: int = 7) -> pa.Table:
    return pa.table({
        "record_no": pa.array([number] * len(fields), pa.int64()),
        "tag": [tag for tag, _ in fields],
        "is_control": [False] * len(fields),
        "inner": [f"  \x1fa{text}" for _, text in fields],
    })  # fmt: skip


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        ([("500", "n")], "100 500 245 500 500n 700"),  # after the last of its tag
        ([("300", "n")], "100 300n 500 245 500 700"),  # before the first higher tag, order or not
        ([("900", "n")], "100 500 245 500 700 900n"),
        ([("001", "n")], "001n 100 500 245 500 700"),
        ([("500", "n"), ("500", "m")], "100 500 245 500 500n 500m 700"),
        ([("300", "n"), ("300", "m")], "100 300n 300m 500 245 500 700"),
        ([("900", "n"), ("800", "m")], "100 500 245 500 700 800m 900n"),
    ],
)
def test_place_of_new_fields(new: list[tuple[str, str]], expected: str) -> None:
    (record,) = records_of(apply_edits(BATCH, edits_from_tables(BATCH, new=new_rows(*new))))
    shown = [f.tag + f.inner.decode()[4:].strip("x12") for f in record.fields]
    assert " ".join(shown) == expected


def test_nothing_changes_without_edits() -> None:
    assert records_of(apply_edits(BATCH, edits_from_tables(BATCH))) == records_of(BATCH)


def test_drop_by_tag_and_no_record_is_kept_that_may_not() -> None:
    (record,) = records_of(apply_edits(BATCH, edits_from_tables(BATCH, drop_tags=frozenset({"500", "999"}))))
    assert [f.tag for f in record.fields] == ["100", "245", "700"]
    gone = apply_edits(BATCH, edits_from_tables(BATCH, keep=np.array([False])))
    assert (gone.record_count, gone.field_count, gone.field_from.tolist()) == (0, 0, [0])


def test_edits_upon_edits_keep_the_bytes_of_the_first() -> None:
    once = apply_edits(BATCH, edits_from_tables(BATCH, new=new_rows(("300", "first"))))
    twice = apply_edits(once, edits_from_tables(once, new=new_rows(("310", "second"), ("300", "third"))))
    (record,) = records_of(twice)
    assert [f.inner for f in record.fields if f.tag[0] == "3"] == [
        b"  \x1fafirst",
        b"  \x1fathird",
        b"  \x1fasecond",
    ]


def test_rows_of_other_records_are_ignored_and_counted() -> None:
    batch = batch_of([Record(LEADER, [data("100")])] * 2, numbers=[3, 7])
    new = pa.concat_tables([new_rows(("500", "n"), number=n) for n in (1, 3, 4, 5, 7, 9)])
    out = records_of(apply_edits(batch, edits_from_tables(batch, new=new)))
    assert [len(record.fields) for record in out] == [2, 2]
    assert ignored_rows(batch, new) == 2  # 4 and 5; 1 and 9 belong to other batches
    empty = batch_of([])
    assert records_of(apply_edits(empty, edits_from_tables(empty, new=new))) == []
    assert ignored_rows(empty, new) == 0


CHANGE = {"record_no": [7], "field_no": [1], "tag": ["501"], "is_control": [False], "inner": ["  \x1fax"]}


@pytest.mark.parametrize(
    ("name", "table"),
    [
        ("drop", {"record_no": [7], "field_no": [5]}),
        ("drop", {"record_no": [7], "field_no": [-1]}),
        ("drop", {"record_no": [8, 7], "field_no": [0, 0]}),
        ("changed", {k: v * 2 for k, v in CHANGE.items()}),
        ("changed", {k: v * 2 for k, v in CHANGE.items()} | {"field_no": [2, 1]}),
        ("changed", CHANGE | {"tag": ["5"]}),
        ("changed", CHANGE | {"record_no": pa.array([None], pa.int64())}),
        ("leader", {"record_no": [7], "leader": ["too short"]}),
        ("leader", {"record_no": [7, 7], "leader": [LEADER.decode()] * 2}),
    ],
)
def test_rows_that_cannot_be_are_refused(name: str, table: dict[str, list[object]]) -> None:
    with pytest.raises(UsageError):
        edits_from_tables(BATCH, **{name: pa.table(table)})
