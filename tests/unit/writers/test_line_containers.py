"""What a container was given reads back the same, or fails with a code: never silently something else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pymarc
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.reference.batches import Field, Record, batch_of, records_of
from tests.reference.strategies import records as usual
from transformer.extracts.model import Source
from transformer.readers import partitions, read
from transformer.schema.batch import MarcBatch, Rendered
from transformer.schema.books import ISSUE_CODES
from transformer.writers import aleph_sequential, iso2709, marcjson, marcxml, mnemonic

RENDER: dict[str, Callable[[MarcBatch], Rendered]] = {
    "aleph_sequential": aleph_sequential.render,
    "marcjson": marcjson.render,
    "mnemonic": mnemonic.render,
    "iso2709": lambda batch: iso2709.render(batch, marc21=False),
    "marcxml": lambda batch: marcxml.render(batch, marc21=False),
}
OURS = ["aleph_sequential", "marcjson", "mnemonic"]
LEADER = b"00000nam a2200000 a 4500"

PIECES = [
    *(
        "$",
        "$$",
        "^",
        "\\",
        "{",
        "}",
        "{acute}",
        "{esc}",
        "=",
        "=245  10",
        "\n",
        "\r",
        '"',
        "\t",
        "\x00",
        "\x7f",
    ),
    *(
        "a",
        "9^",
        "9^^",
        "Ω",
        "😀",
        "\x1f",
        "\x1fa",
        "\x1f9",
        "  ",
        "10",
        "<!x>",
        "000000001 245   L ",
        "e\u0301",
    ),
]
texts = st.lists(st.sampled_from(PIECES), max_size=7).map("".join)
tags = st.sampled_from(["001", "001", "004", "008", "000", "245", "650", "FMT", "LDR", "DB ", "24é", "   "])
fields = st.builds(lambda tag, text, control: Field(tag, text.encode(), control), tags, texts, st.booleans())
numbers = st.sampled_from(["1", "000000001", "ocm1", "", "000000000", "1234567890"]).map(
    lambda value: Field("001", value.encode(), True)
)
leaders = st.sampled_from([LEADER, LEADER, b"00000nam^a2200000\\a$4500", b" " * 24])
odd = st.lists(
    st.builds(
        lambda leader, number, rest: Record(leader, [number, *rest]),
        leaders,
        numbers,
        st.lists(fields, max_size=4),
    ),
    max_size=4,
)


def round_trip(container: str, batch: MarcBatch, folder: Path) -> tuple[list[Record], Rendered]:
    rendered = RENDER[container](batch)
    path = folder / "x"
    path.write_bytes(rendered.data.tobytes())
    found = []
    for partition in partitions(Source(path, container)):
        result = read(partition)
        assert partition.record_count == result.batch.record_count, "a record was set aside"
        found += records_of(result.batch)
    return found, rendered


def padded(record: Record, flagged: set[str]) -> Record:
    """The record with the blanks that the writer said it put in place of indicators."""
    made = []
    for field in record.fields:
        if not field.control and field.tag in flagged:
            head, *rest = field.inner.decode().split("\x1f")
            text = "\x1f".join([head.ljust(2), *rest])
            field = Field(field.tag, text.encode(), False)
        made.append(field)
    return Record(record.leader, made)


def without_delimiters(record: Record) -> Record:
    """0x1D to 0x1F in control fields and leaders, which readers replace by blanks."""
    table = {29: 32, 30: 32, 31: 32}
    return Record(
        record.leader,
        [
            Field(f.tag, f.inner.decode().translate(table).encode(), True) if f.control else f
            for f in record.fields
        ],
    )


@pytest.mark.parametrize("container", OURS)
@settings(deadline=None, max_examples=400)
@given(st.one_of(odd, usual(odd=True)), st.booleans())
@example([Record(LEADER, [Field("001", b"1", True)])] * 3, False)
def test_reads_back_or_fails(
    container: str, tmp_path_factory: pytest.TempPathFactory, given_records: list[Record], added: bool
) -> None:
    batch = batch_of(given_records, added=added)
    found, rendered = round_trip(container, batch, tmp_path_factory.getbasetemp())
    failed = dict(rendered.failed)
    assert set(failed.values()) <= ISSUE_CODES.keys()
    flagged: dict[int, set[str]] = {}
    for code, at, tag, _ in rendered.notes:
        assert code == "indicator-missing"
        flagged.setdefault(at, set()).add(tag)
    wanted = [
        padded(record, flagged.get(at, set())) for at, record in enumerate(given_records) if at not in failed
    ]
    assert [same(r) for r in found] == [same(without_delimiters(r)) for r in wanted]


def same(record: Record) -> Record:
    """FMT without subfields is one thing, control field or not: ISO 2709 cannot tell them apart."""
    return Record(
        record.leader,
        [
            Field(f.tag, f.inner, f.control or (f.tag == "FMT" and b"\x1f" not in f.inner))
            for f in record.fields
        ],
    )


plain_texts = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="$^\ufffe\uffff"),
    max_size=20,
)
plain_fields = st.builds(
    lambda tag, ind, subs: Field(tag, (ind + "".join(f"\x1f{c}{v}" for c, v in subs)).encode()),
    st.sampled_from(["100", "245", "650", "9AB"]),
    st.sampled_from(["  ", "10", " 0"]),
    st.lists(st.tuples(st.sampled_from("abx0"), plain_texts), min_size=1, max_size=3),
)
plain_records = st.lists(
    st.builds(
        lambda n, rest: Record(LEADER, [Field("001", n.encode(), True), *rest]),
        st.sampled_from(["1", "b2", "000000003"]),
        st.lists(plain_fields, max_size=4),
    ),
    min_size=1,
    max_size=3,
)


@settings(deadline=None, max_examples=60)
@given(plain_records, st.permutations(sorted(RENDER)))
def test_through_all_containers_it_is_the_same_record(
    tmp_path_factory: pytest.TempPathFactory, given_records: list[Record], order: list[str]
) -> None:
    """Each container read and written in turn, in any order: nothing changes but lengths in leaders."""
    records = given_records
    for container in order:
        records, rendered = round_trip(container, batch_of(records), tmp_path_factory.getbasetemp())
        assert rendered.failed == () and rendered.notes == ()
    assert [r.fields for r in records] == [r.fields for r in given_records]
    assert [r.leader[5:12] + r.leader[17:] for r in records] == [LEADER[5:12] + LEADER[17:]] * len(records)


@settings(deadline=None, max_examples=100)
@given(plain_records)
def test_pymarc_reads_our_json(given_records: list[Record]) -> None:
    rendered = marcjson.render(batch_of(given_records))
    for line, record in zip(rendered.data.tobytes().decode().split("\n")[:-1], given_records, strict=True):
        theirs = next(iter(pymarc.JSONReader(f"[{line}]")))
        assert [(f.tag, f.data) for f in theirs.fields if f.control_field] == [
            (f.tag, f.inner.decode()) for f in record.fields if f.control
        ]
        ours = [f.inner.decode().split("\x1f") for f in record.fields if not f.control]
        assert [
            ["".join(f.indicators), *(s.code + s.value for s in f.subfields)]
            for f in theirs.fields
            if not f.control_field
        ] == ours


def test_list_members() -> None:
    records = [Record(LEADER, [Field("001", b'a"b', True)]), Record(LEADER, [])]
    text = marcjson.HEAD + marcjson.render(batch_of(records), comma=True).data.tobytes() + marcjson.TAIL
    assert json.loads(text.replace(b",", b" ", 1)) == [
        {"leader": LEADER.decode(), "fields": [{"001": 'a"b'}]},
        {"leader": LEADER.decode(), "fields": []},
    ]


def test_lines_by_hand() -> None:
    record = Record(
        LEADER, [Field("001", b"b1", True), Field("008", b"a c", True), Field("245", b"1 \x1faA ${}\\^")]
    )
    assert aleph_sequential.render(batch_of([record], numbers=[7])).data.tobytes().decode().splitlines() == [
        "000000008 LDR   L 00000nam^a2200000^a^4500",
        "000000008 001   L b1",
        "000000008 008   L a^c",
        r"000000008 2451  L $$aA ${}\^",
    ]
    assert mnemonic.render(batch_of([record])).data.tobytes().decode().split("\n") == [
        "=LDR  00000nam a2200000 a 4500",
        "=001  b1",
        "=008  a\\c",
        r"=245  1\$aA {dollar}{lcub}{rcub}{bsol}^",
        "",
        "",
    ]


def test_room_grows() -> None:
    record = Record(LEADER, [Field("001", b"1", True), Field("500", b"  \x1fa" + b"{" * 200_000)])
    for container in ("mnemonic", "marcjson"):
        rendered = RENDER[container](batch_of([record, record]))
        assert rendered.failed == () and np.all(np.diff(rendered.ends) > 200_000)
