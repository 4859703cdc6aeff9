"""The MARCXML kernels against what was spelled, against their slow twins, and on damaged bytes."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.reference import marcxml as twin
from tests.reference.batches import Field, Record
from tests.reference.marcxml_spelling import record_xml
from tests.reference.strategies import records
from transformer.kernels import marcxml as kernel
from transformer.kernels.marcxml_boundary import (
    LOOKAHEAD,
    LOOKBACK,
    MODE,
    OUTSIDE,
    START,
    STATE_SIZE,
    find_records,
)
from transformer.readers.marcxml_lxml import Refused, read_record
from transformer.schema.batch import REASONS

TOKENS = [
    b"<record>", b"</record>", b"<record/>", b"<m:record>", b"</m:record>", b"<m:leader>", b"<leader>",
    b"</leader>",
    b'<controlfield tag="001">', b"</controlfield>", b'<datafield tag="245" ind1="1" ind2=" ">',
    b"</datafield>", b'<subfield code="a">', b"</subfield>", b"<!--", b"-->", b"--", b"<![CDATA[",
    b"]]>", b"<?", b"?>", b"<x ", b'a="', b"'", b'"', b">", b"/>", b"<", b"&", b"&amp;", b"&#65;",
    b"&#1;", b"&x;", b"\xc3\xa9", b"\xff", b"\x01", b"\xef\xbf\xbf", b"\r\n", b" ", b"text",
    b"00000nam a2200000 a 4500", b"<a:b>", b"<collection>", b"xmlns:a",
]  # fmt: skip
soups = st.lists(st.sampled_from(TOKENS), max_size=30).map(b"".join)


def parse(xml: bytes) -> tuple[int, Record | None]:
    """Status of one record, and the record if it was taken."""
    room = len(xml) // kernel.FIELD_BYTES_LEAST + 1
    # Bytes around the record, which must not matter.
    window = np.frombuffer(b"<x>" + xml + b'<a b="', np.uint8).copy()
    out = np.full(len(xml) + kernel.WIDTH, 0xAA, np.uint8)
    status, leader = np.empty(1, np.uint8), np.empty(1, np.int64)
    field_from, tag = np.empty(2, np.int64), np.empty(room, np.uint32)
    start, length, control = np.empty(room, np.int64), np.empty(room, np.int32), np.empty(room, np.uint8)
    used, count = kernel.parse_records(
        window,
        np.array([3]),
        np.array([3 + len(xml)]),
        out,
        status,
        leader,
        field_from,
        tag,
        start,
        length,
        control,
    )
    assert (field_from.tolist(), used <= len(xml)) == ([0, count], True)
    if status[0] != kernel.TAKEN:
        assert (used, count) == (0, 0)
        return int(status[0]), None
    fields = [
        Field(
            int(tag[f]).to_bytes(3, "big").decode(),
            out[start[f] : start[f] + length[f]].tobytes(),
            bool(control[f]),
        )
        for f in range(count)
    ]
    return kernel.TAKEN, Record(out[leader[0] : leader[0] + 24].tobytes(), fields)


def lxml_reading(xml: bytes) -> Record | str:
    try:
        reading = read_record(xml)
    except Refused as refused:
        return refused.reason
    fields = [
        Field(tag.to_bytes(3, "big").decode(), inner, control) for tag, control, inner in reading.fields
    ]
    return Record(reading.leader, fields)


def twin_reading(xml: bytes) -> Record | str:
    try:
        return twin.read(xml)
    except twin.Refused as refused:
        return str(refused)


def whole_records(data: bytes) -> list[tuple[int, int, str]]:
    """What the boundary kernel finds in one window, in the twin's words."""
    window = np.frombuffer(data, np.uint8).copy()
    state = np.zeros(STATE_SIZE, np.int64)
    start, stop, reason = np.empty(4, np.int64), np.empty(4, np.int64), np.empty(4, np.uint8)
    found: list[tuple[int, int, str]] = []
    at = 0
    while at < len(data):
        base = max(0, at - LOOKBACK)
        count, at = find_records(window[base:], base, at - base, True, state, start, stop, reason)
        found += [(int(start[k]), int(stop[k]), REASONS[reason[k]]) for k in range(count)]
    if state[MODE] != OUTSIDE:
        found.append((int(state[START]), len(data), "truncated" if state[MODE] < 3 else "xml-structure"))
    return found


@settings(deadline=None, max_examples=150)
@given(records(), st.integers(0, 2**32).map(Random))
def test_every_spelling_of_a_record_is_read(made: list[Record], random: Random) -> None:
    for record in made:
        xml = record_xml(random, record).encode()
        assert parse(xml) == (kernel.TAKEN, record)
        assert lxml_reading(xml) == record
        assert twin_reading(xml) == record


@settings(deadline=None, max_examples=250)
@given(records(), st.integers(0, 2**32).map(Random), st.sampled_from(TOKENS), st.integers(0, 4))
def test_damage_is_never_read_otherwise_than_by_a_full_parser(
    made: list[Record], random: Random, token: bytes, removed: int
) -> None:
    for record in made:
        xml = record_xml(random, record).encode()
        place = random.randrange(7, len(xml) - 1)
        damaged = xml[:place] + token + xml[place + removed :]
        if not damaged.endswith(b">") or damaged.count(b"<record") > 1:
            continue
        check_one(damaged)


@settings(deadline=None, max_examples=250)
@given(soups)
@example(b'<subfield code="a">]]></subfield>')
@example(b'<datafield tag="245" ind1="1" ind2=" "><subfield code="a"><![CDATA[]]]]>></subfield></datafield>')
@example(b'<datafield tag="245" ind1="1" ind2=" "><subfield code="">x</subfield></datafield>')
@example(b'<datafield tag="245" ind1="1" ind2=" "><subfield code=""></subfield></datafield>')
@example(b"<controlfield tag='001'>&#13;\r\n\r</controlfield>")
@example(b"<controlfield tag='001'>&#x1F;</controlfield>")
@example(b"<controlfield tag='001'>&#xFFFF;</controlfield>")
@example(b"<controlfield tag='001'>&#xD800;</controlfield>")
@example(b"<controlfield tag='001'>&#x110000;</controlfield>")
@example(b"<controlfield tag='001'>&#X41;</controlfield>")
@example(b"<controlfield tag='001' tag='002'/>")
@example(b"<controlfield tag='001'a='b'/>")
@example(b"<controlfield tag='0&#48;1'/>")
@example(b"<controlfield tag='\t01'/>")
@example(b"<controlfield tag='001'><?p?></controlfield>")
@example(b"<controlfield tag='001'><![CDATA[ ]]> \xc2\x85x:y 1:2 \xc3\xa9:a</controlfield>")
@example(b"<:datafield tag='245' ind1=' ' ind2=' '/>")
@example(b"<a:datafield tag='245' ind1=' ' ind2=' '/>")
@example(b"<a:b:datafield tag='245' ind1=' ' ind2=' '/>")
@example(b"<controlfield tag='001' a:='x'/>")
@example(b"<controlfield tag='001' a:1b='x'/>")
@example(b"<controlfield tag='001' xmlns:a='x y'/>")
def test_soup_within_a_record_agrees(soup: bytes) -> None:
    check_one(b"<record><leader>00000nam a2200000 a 4500</leader>" + soup + b"</record>")


def check_one(xml: bytes) -> None:
    """The kernel reads it as the others do, or declines; the others agree with each other."""
    status, taken = parse(xml)
    expected = twin_reading(xml)
    if status == kernel.NOT_UTF8:
        assert expected == "not-utf8"
    elif status == kernel.FORBIDDEN:
        assert expected == "xml-malformed"
    elif status == kernel.TAKEN:
        assert taken == expected
    else:
        assert status == kernel.DECLINED
    assert lxml_reading(xml) == expected


@settings(deadline=None, max_examples=500)
@given(soups)
@example(b"<record><leader><!-- <record> --></record>")
@example(b"<record><leader><record/>")
@example(b"<record><leader><!-- -- <record> --></record>")
@example(b"<record><leader><!-- <record></record><record><leader></record>")
@example(b'<record><leader a="<record>"></record>')
@example(b"<record><leader><![CDATA[</record>]]></record>")
@example(b"<record><header/><metadata><m:record><m:leader></m:record></metadata></record>")
def test_records_are_found_as_the_twin_finds_them(soup: bytes) -> None:
    assert whole_records(soup) == twin.find_records(soup)


@settings(deadline=None, max_examples=100)
@given(st.lists(records(), max_size=3), st.integers(0, 2**32).map(Random), st.sampled_from(TOKENS))
def test_records_in_a_collection_are_found(made: list[list[Record]], random: Random, token: bytes) -> None:
    data, expected = b"<collection>", []
    for record in (record for some in made for record in some):
        data += random.choice([b"", b" \n", b"<!-- <record> -->", b"<ListRecords>"])
        xml = record_xml(random, record).encode()
        expected.append((len(data), len(data) + len(xml), ""))
        data += xml
    data += b"</collection>"
    assert whole_records(data) == expected
    place = random.randrange(len(data))
    damaged = data[:place] + token + data[place + 1 :]
    assert whole_records(damaged) == twin.find_records(damaged)


@pytest.mark.parametrize("missing", [1, 17, 64, 200])
def test_full_is_reported_and_nothing_written(missing: int) -> None:
    xml = b'<record><leader>00000nam a2200000 a 4500</leader><controlfield tag="001">' + b"x" * 100
    xml += b"</controlfield></record>"
    out = np.full(len(xml) + kernel.WIDTH - missing, 0xAA, np.uint8)
    arrays = [np.zeros(4, kind) for kind in (np.uint32, np.int64, np.int32, np.uint8)]
    status, leader, field_from = np.zeros(1, np.uint8), np.zeros(1, np.int64), np.zeros(2, np.int64)
    window = np.frombuffer(xml, np.uint8).copy()
    done = kernel.parse_records(
        window, np.array([0]), np.array([len(xml)]), out, status, leader, field_from, *arrays
    )
    assert done == (0, 0) and status[0] == kernel.FULL and (out == 0xAA).all()


def test_too_few_places_for_fields_is_reported() -> None:
    xml = (
        b"<record><leader>00000nam a2200000 a 4500</leader>" + b'<controlfield tag="001"/>' * 3 + b"</record>"
    )
    out = np.empty(len(xml) + kernel.WIDTH, np.uint8)
    arrays = [np.zeros(2, kind) for kind in (np.uint32, np.int64, np.int32, np.uint8)]
    status, leader, field_from = np.zeros(1, np.uint8), np.zeros(1, np.int64), np.zeros(2, np.int64)
    window = np.frombuffer(xml, np.uint8).copy()
    done = kernel.parse_records(
        window, np.array([0]), np.array([len(xml)]), out, status, leader, field_from, *arrays
    )
    assert done == (0, 0) and status[0] == kernel.FULL


def test_a_window_that_is_not_the_last_leaves_what_it_cannot_see() -> None:
    data = b"<collection>" + b"<record><leader></leader></record>" * 6000
    state = np.zeros(STATE_SIZE, np.int64)
    start, stop, reason = np.empty(9000, np.int64), np.empty(9000, np.int64), np.empty(9000, np.uint8)
    window = np.frombuffer(data, np.uint8).copy()
    count, at = find_records(window, 0, 0, False, state, start, stop, reason)
    assert len(data) - LOOKAHEAD <= at < len(data) - LOOKAHEAD + 64 and 0 < count < 6000
