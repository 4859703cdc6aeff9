"""Records -> flat tables (slow twin) -> batch gives the records back; and the twin agrees on any rows."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reference.assemble import Row, assembled, rows
from tests.reference.batches import Record, records_of
from tests.reference.strategies import LEADERS, codes, records, tags, texts
from transformer.errors import UsageError
from transformer.kernels import assemble as kernels
from transformer.schema.marc import FIELD, RECORD, SUBFIELD
from transformer.writers.assemble import from_fields, from_tables


def tables(record: list[Row], field: list[Row], subfield: list[Row]) -> tuple[pa.Table, pa.Table, pa.Table]:
    def schema(full: pa.Schema, names: str) -> pa.Schema:
        return pa.schema([full.field(name) for name in names.split()])

    return (
        pa.Table.from_pylist(record, schema(RECORD, "record_no leader")),
        pa.Table.from_pylist(field, schema(FIELD, "record_no field_no tag ind1 ind2 value is_control")),
        pa.Table.from_pylist(subfield, schema(SUBFIELD, "record_no field_no subfield_no tag code value")),
    )


@settings(deadline=None, max_examples=200)
@given(records())
def test_records_come_back_from_their_tables(found: list[Record]) -> None:
    assert records_of(from_tables(*tables(*rows(found)))) == found


@st.composite
def any_rows(draw: st.DrawFn) -> tuple[list[Row], list[Row], list[Row]]:
    """Ordered rows with gaps in the numbers, nulls, empty codes and indicators."""
    record, field, subfield = [], [], []
    for r in draw(st.sets(st.integers(0, 9))):
        record.append({"record_no": r, "leader": draw(st.sampled_from(LEADERS)).decode()})
        for f in sorted(draw(st.sets(st.integers(0, 5)))):
            control = draw(st.booleans())
            place = {"record_no": r, "field_no": f, "tag": draw(tags)}
            texts_or_null = st.one_of(st.none(), texts)
            indicator = st.sampled_from([None, "", "1", " "])
            field.append(place | {"ind1": draw(indicator), "ind2": draw(indicator),
                                  "value": draw(texts_or_null), "is_control": control})  # fmt: skip
            for s in range(0 if control else draw(st.integers(0, 3))):
                code = draw(st.one_of(st.sampled_from([None, ""]), codes))
                subfield.append(place | {"subfield_no": s, "code": code, "value": draw(texts_or_null)})
    order = lambda row: (row["record_no"], row.get("field_no"))  # noqa: E731
    return sorted(record, key=order), sorted(field, key=order), sorted(subfield, key=order)


@settings(deadline=None, max_examples=200)
@given(any_rows(), st.sampled_from(["string", "large_string", "string_view", "dictionary", "slices"]))
def test_agrees_with_its_twin(found: tuple[list[Row], list[Row], list[Row]], kind: str) -> None:
    record, field, subfield = found
    children: dict[tuple[int, int], list[Row]] = {}
    for row in subfield:
        children.setdefault((row["record_no"], row["field_no"]), []).append(row)
    expected = []
    for one in record:
        number = one["record_no"]
        own = [f for f in field if f["record_no"] == number]
        made = [assembled(f, children.get((number, f["field_no"]), [])) for f in own]
        expected.append(Record(one["leader"].encode(), made))
    given_tables = [as_kind(table, kind) for table in tables(record, field, subfield)]
    assert records_of(from_tables(*given_tables)) == expected


def as_kind(table: pa.Table, kind: str) -> pa.Table:
    """The table with its strings as another Arrow type, or in several chunks that are slices."""
    if kind == "slices":
        return pa.concat_tables([table.slice(0, 1), table.slice(1, 2), table.slice(3)])
    types = {"string": pa.string(), "large_string": pa.large_string(), "string_view": pa.string_view(),
             "dictionary": pa.dictionary(pa.int32(), pa.string())}  # fmt: skip
    fields = [f.with_type(types[kind]) if f.type == pa.string() else f for f in table.schema]
    return table.cast(pa.schema(fields))


RECORD_ROWS = [{"record_no": r, "leader": LEADERS[0].decode()} for r in (1, 2)]


def field_row(r: int, f: int, control: bool = False) -> Row:
    return {
        "record_no": r,
        "field_no": f,
        "tag": "245",
        "ind1": "1",
        "ind2": "0",
        "value": "",
        "is_control": control,
    }


def subfield_row(r: int, f: int) -> Row:
    return {"record_no": r, "field_no": f, "subfield_no": 0, "tag": "245", "code": "a", "value": "x"}


@pytest.mark.parametrize(
    ("record", "field", "subfield", "where"),
    [
        (RECORD_ROWS, [field_row(3, 0)], [], "table field, row 0"),
        (RECORD_ROWS, [field_row(2, 0), field_row(1, 0)], [], "table field, row 1"),
        (RECORD_ROWS, [field_row(1, 0), field_row(1, 0)], [], "table field, row 1"),
        (RECORD_ROWS, [field_row(1, 1)], [subfield_row(1, 0)], "table subfield, row 0"),
        (RECORD_ROWS, [field_row(1, 1)], [subfield_row(1, 2)], "table subfield, row 0"),
        (RECORD_ROWS, [field_row(1, 1, True)], [subfield_row(1, 1)], "table subfield, row 0"),
        (RECORD_ROWS, [], [subfield_row(1, 1)], "table subfield, row 0"),
        (
            RECORD_ROWS,
            [field_row(1, 1), field_row(2, 1)],
            [subfield_row(2, 1), subfield_row(1, 1)],
            "subfield",
        ),
        (RECORD_ROWS[::-1], [], [], "record_no"),
        ([RECORD_ROWS[0] | {"leader": "short"}], [], [], "record, row 0"),
        (RECORD_ROWS, [field_row(1, 0) | {"tag": "24"}], [], "row 0"),
    ],
)
def test_rows_that_do_not_fit_are_refused(
    record: list[Row], field: list[Row], subfield: list[Row], where: str
) -> None:
    with pytest.raises(UsageError) as caught:
        from_tables(*tables(record, field, subfield))
    assert where in caught.value.where


@settings(deadline=None, max_examples=100)
@given(records())
def test_records_of_our_own(found: list[Record]) -> None:
    leaders = pa.table({"record_no": pa.array([5 * r for r in range(len(found))], pa.int64()),
                        "leader": pa.array([r.leader.decode() for r in found], pa.string())})  # fmt: skip
    every = [(5 * r, f) for r, record in enumerate(found) for f in record.fields]
    fields = pa.table({
        "record_no": pa.array([r for r, _ in every], pa.int64()),
        "tag": pa.array([f.tag for _, f in every], pa.string()),
        "is_control": pa.array([f.control for _, f in every], pa.bool_()),
        "inner": pa.array([f.inner.decode() for _, f in every], pa.string()),
    })  # fmt: skip
    batch = from_fields(leaders, fields)
    assert records_of(batch) == found
    assert batch.record_no.tolist() == leaders["record_no"].to_pylist()


@pytest.mark.parametrize("numbers", [[1, 0], [0, 2]])
def test_own_fields_that_do_not_fit_are_refused(numbers: list[int]) -> None:
    leaders = pa.table({"record_no": [0, 1], "leader": [LEADERS[0].decode()] * 2})
    fields = pa.table(
        {"record_no": numbers, "tag": ["001"] * 2, "is_control": [True] * 2, "inner": ["x"] * 2}
    )
    with pytest.raises(UsageError, match="row 1"):
        from_fields(leaders, fields)


def test_one_kernel_for_every_kind_of_table() -> None:
    """Arrow's memory is read-only, what numpy makes is not: numba would compile for each mixture."""
    made = tables(*rows([Record(LEADERS[0], [])]))
    for kind in ("string", "large_string", "string_view", "dictionary", "slices"):
        from_tables(*(as_kind(table, kind) for table in made))
    assert len(kernels.assemble.signatures) == 1
