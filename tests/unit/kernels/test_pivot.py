"""Columns: the kernel and its twin agree on any records and specs."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reference import pivot as twin
from tests.reference.batches import Field, Record, batch_of
from tests.unit.kernels.test_subfield import inner, tags
from transformer.errors import UsageError
from transformer.extracts.fieldspec import parse_field_spec
from transformer.kernels.pivot import MAX_COLUMNS
from transformer.readers.columns import field_columns, record_columns, value_rows

leaders = st.sampled_from(["00000nam a2200000 a 4500", "00000cxé a220000 zn 450"]).map(str.encode)
fields = st.builds(lambda tag, text, control: Field(tag, text.encode(), control), tags, inner, st.booleans())
records = st.lists(st.builds(Record, leaders, st.lists(fields, max_size=6)), max_size=4)

places = st.tuples(st.integers(0, 20), st.integers(0, 40)).map(lambda pair: (pair[0], pair[0] + pair[1]))
specs = st.one_of(
    tags,
    st.builds("{}{}".format, tags.filter(lambda tag: tag != "LDR"), st.sampled_from(["a", "b", "ab", "ba1"])),
    st.builds(
        "{}|{}|{}".format,
        tags.filter(lambda tag: tag != "LDR"),
        st.sampled_from(["**", "1*", "*0", "10", "##", " *"]),
        st.sampled_from(["", "a", "ab"]),
    ),
    st.builds(lambda tag, place: f"{tag}/{place[0]}-{place[1]}", tags, places),
    st.builds("{}/{:02}".format, tags, st.integers(0, 30)),
)
repeats = st.sampled_from(["first", "list", "join"])


@settings(deadline=None, max_examples=500)
@given(records, st.lists(st.tuples(specs, repeats), min_size=1, max_size=6), st.booleans())
def test_record_columns_agree_with_their_twin(
    found: list[Record], wanted: list[tuple[str, str]], added: bool
) -> None:
    numbers = [3 * number for number in range(len(found))]
    table = record_columns(batch_of(found, numbers=numbers, added=added), wanted)
    table.validate(full=True)
    assert table.column_names == ["record_no", *(spec for spec, _ in wanted)]
    assert table.column("record_no").to_pylist() == numbers
    for place, (spec, repeat) in enumerate(wanted):
        parsed = parse_field_spec(spec)
        assert table.column(place + 1).to_pylist() == [
            twin.column(record, parsed, repeat) for record in found
        ]


@settings(deadline=None, max_examples=500)
@given(
    records,
    tags,
    st.dictionaries(
        st.sampled_from("xyz"), st.sampled_from(["a", "b", "ab", "", "1"]), min_size=1, max_size=3
    ),
    st.sampled_from(["\x1f", "; ", "", " | " * 9]),
    st.booleans(),
)
def test_field_columns_agree_with_their_twin(
    found: list[Record], tag: str, codes: dict[str, str], separator: str, added: bool
) -> None:
    table = field_columns(batch_of(found, added=added), tag, codes, separator)
    table.validate(full=True)
    assert table.to_pylist() == twin.field_rows(found, tag, codes, separator)


def test_more_columns_than_the_kernel_takes_at_a_time() -> None:
    codes = "abcdefghijklmnopqrstuvwxyz0123456789"
    wanted = [f"{tag}{code}" for code in codes for tag in ("245", "100", "650")]
    assert len(wanted) > MAX_COLUMNS
    text = "10" + "".join(f"\x1f{code}{code}1" for code in codes)
    table = record_columns(batch_of([Record(b" " * 24, [Field("245", text.encode())])]), wanted)
    assert table.column_names == ["record_no", *wanted]
    row = table.to_pylist()[0]
    assert [row[spec] for spec in wanted] == [
        f"{spec[3]}1" if spec.startswith("245") else None for spec in wanted
    ]


def test_room_that_was_guessed_too_small() -> None:
    """Every subfield is a value, and the separator is longer than what a subfield gives up."""
    text = "10" + "\x1fa" * 5000
    batch = batch_of([Record(b" " * 24, [Field("245", text.encode())])])
    assert record_columns(batch, ["245a"], "list").column("245a").to_pylist() == [[""] * 5000]
    assert field_columns(batch, "245", {"a": "a"}, "--- and ---").column("a").to_pylist() == [
        "--- and ---" * 4999
    ]


def test_by_hand() -> None:
    record = Record(
        b"00714cam a2200205 a 4500",
        [
            Field("001", b"b1234567", True),
            Field("008", b"860506s1957    nyuab    b    001 0 eng  ", True),
            Field("020", b"  \x1fa0394502884\x1fqcloth\x1fa0394502892"),
            Field("245", b"10\x1faTitle :\x1fbrest /\x1fcby me\x1fnPart 1"),
            Field("852", b"0 \x1fbMAIN\x1fcSTACKS"),
            Field("852", b"1 \x1fbBRANCH\x1fcDESK"),
        ],
    )
    batch = batch_of([record])
    expected = {
        "001": "b1234567",
        "008/35-37": "eng",
        "008/07-10": "1957",
        "LDR/06": "a",
        "245abn": "Title : rest / Part 1",
        "020a": "0394502884",
        "852|1*|bc": "BRANCH DESK",
        "100a": None,
    }
    assert record_columns(batch, list(expected)).to_pylist()[0] == {"record_no": 0, **expected}
    lists = record_columns(batch, ["020a", "852bc", "100a"], "list").to_pylist()[0]
    assert lists["020a"] == ["0394502884", "0394502892"]
    assert lists["852bc"] == ["MAIN STACKS", "BRANCH DESK"]
    assert lists["100a"] == []
    assert record_columns(batch, [("852b", "join")]).column("852b").to_pylist() == ["MAIN\x1fBRANCH"]


def test_unknown_repeat() -> None:
    with pytest.raises(UsageError, match="there is no repeat 'all'"):
        record_columns(batch_of([]), ["001"], "all")


@settings(deadline=None, max_examples=300)
@given(records, specs, st.booleans())
def test_value_rows_agree_with_their_twin(found: list[Record], spec: str, added: bool) -> None:
    numbers = [3 * number for number in range(len(found))]
    rows = value_rows(batch_of(found, numbers=numbers, added=added), spec)
    rows.validate(full=True)
    parsed = parse_field_spec(spec)
    wanted = []
    for number, record in zip(numbers, found, strict=True):
        if parsed.tag == "LDR":
            wanted += [(number, None, value) for value in twin.values_of(record, parsed)]
            continue
        for place, field in enumerate(record.fields):
            if field.tag == parsed.tag:
                values = twin.values_of_field(field, parsed)
                wanted += [(number, place, value) for value in values if value is not None]
    assert [tuple(row.values()) for row in rows.to_pylist()] == wanted
