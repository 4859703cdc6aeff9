"""Edits put fields where the slow twin puts them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.exploring import examples
from tests.reference.batches import Field, Record, batch_of, records_of
from tests.reference.edit import edited
from tests.reference.strategies import LEADERS, fields, records
from transformer.kernels import edit as kernels
from transformer.writers.edits import apply_edits, edits_from_tables


def row(field: Field) -> dict[str, object]:
    return {"tag": field.tag, "is_control": field.control, "inner": field.inner.decode()}


COLUMNS = pa.schema([("record_no", pa.int64()), ("field_no", pa.int32()), ("tag", pa.string()),
                     ("is_control", pa.bool_()), ("inner", pa.string())])  # fmt: skip


@settings(deadline=None, max_examples=examples(150, 300))
@given(records(), st.booleans(), st.data())
def test_agrees_with_its_twin(found: list[Record], added: bool, data: st.DataObject) -> None:
    """Records numbered 10, 13, 16 ...; every table also has rows of records that are not there."""
    numbers = [10 + 3 * r for r in range(len(found))]
    keep = data.draw(st.lists(st.booleans(), min_size=len(found), max_size=len(found)))
    drop, changed, new, leader = [{"record_no": 9, "field_no": 0}], [], [], []
    expected = []
    for record, number, kept in zip(found, numbers, keep, strict=True):
        places = st.sets(st.sampled_from(range(len(record.fields)))) if record.fields else st.just(set())
        dropped = data.draw(places)
        changes = {place: data.draw(fields()) for place in sorted(data.draw(places))}
        news = data.draw(st.lists(fields(), max_size=4))
        drop += [{"record_no": number, "field_no": place} for place in sorted(dropped)]
        drop.append({"record_no": number + 1, "field_no": 99})
        changed += [{"record_no": number, "field_no": place} | row(f) for place, f in changes.items()]
        new += [{"record_no": number} | row(field) for field in news]
        new.append({"record_no": number + 2} | row(Field("100", b"other")))
        new_leader = data.draw(st.sampled_from([record.leader, LEADERS[1]]))
        if new_leader != record.leader:
            leader.append({"record_no": number, "leader": new_leader.decode()})
        if kept:
            expected.append(Record(new_leader, edited(record.fields, dropped, changes, news)))
    batch = batch_of(found, numbers=numbers, added=added)
    edits = edits_from_tables(
        batch,
        keep=np.array(keep, bool),
        drop=pa.Table.from_pylist(drop),
        changed=pa.Table.from_pylist(changed, COLUMNS),
        new=pa.Table.from_pylist(new, COLUMNS),
        leader=pa.Table.from_pylist(leader, pa.schema([("record_no", pa.int64()), ("leader", pa.string())])),
    )
    result = apply_edits(batch, edits)
    assert records_of(result) == expected
    assert result.record_no.tolist() == [n for n, kept in zip(numbers, keep, strict=True) if kept]


@settings(deadline=None, max_examples=50)
@given(st.lists(fields(), min_size=1, max_size=6), st.lists(fields(), max_size=4), st.data())
def test_says_full_and_writes_nothing_behind(old: list[Field], new: list[Field], data: st.DataObject) -> None:
    batch = batch_of([Record(LEADERS[0], old)])
    added = batch_of([Record(LEADERS[0], new)])
    capacity = data.draw(st.integers(0, len(old) + len(new) - 1))
    out = [np.full(20, 77, kind) for kind in (np.uint32, np.int64, np.int32, np.uint8)]
    none = np.empty(0, np.int64)
    used = kernels.edit_records(
        batch.field_from, batch.tag, batch.start, batch.length, batch.control,
        np.ones(1, np.uint8), np.zeros(len(old), np.uint8),
        none, none.astype(np.uint32), none, none.astype(np.int32), none.astype(np.uint8),
        np.zeros(len(new), np.int64), added.tag, added.start, added.length, added.control, 0,
        np.zeros(2, np.int64), *(array[:capacity] for array in out),
    )  # fmt: skip
    assert used == -1
    for array in out:
        assert (array[capacity:] == 77).all()


def test_one_kernel_for_all() -> None:
    assert len(kernels.edit_records.signatures) == 1
