"""Findings about MARC: kernel and plain twin agree; LC's own records have few, explained by the format."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fixtures import FIXTURES
from tests.makers import LEADER, raw_record, record
from tests.reference.validity import faults as twin
from transformer.errors import RulesError
from transformer.extracts.model import Source
from transformer.readers import iso2709
from transformer.readers.validity import faults, prepared
from transformer.ruleset.files.marc_facts import known_formats, load_facts
from transformer.ruleset.load import rules_home
from transformer.schema.batch import MarcBatch

BASE = rules_home() / "base"
BIB = prepared(load_facts([BASE], "marc21_bib"))
GOOD_008 = "260101s2026    xxka          000 0 eng d"


def batch_of(path: Path, data: bytes) -> MarcBatch:
    path.write_bytes(data)
    (partition,) = iso2709.partitions(Source(path, "iso2709", extract="bib"))
    return iso2709.read(partition).batch


def found(batch: MarcBatch) -> list[tuple[int, int, str, str, str]]:
    rows = faults(batch, BIB)
    return list(zip(*(rows.column(name).to_pylist() for name in rows.schema.names), strict=True))


def one(tmp_path: Path, *fields: tuple[str, bytes], leader: str = LEADER) -> list[tuple[str, str, str]]:
    """(tag, code, value) of a record with these fields, a title and a right 008."""
    made = raw_record(leader, [("008", GOOD_008.encode()), ("245", b"10\x1faTitle"), *fields])
    return [row[2:] for row in found(batch_of(tmp_path / "one.mrc", made))]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ((), []),
        ((("500", b"  \x1faNote\x1f9local"),), []),
        ((("590", b"88\x1fqlocal field"),), []),
        ((("999", b"  \x1fxlocal field"),), []),
        ((("262", b"  \x1faX"),), [("262", "unknown-tag", "")]),
        ((("245", b"10\x1faAgain"), ("245", b"10\x1faAgain")), [("245", "tag-repeated", "")]),
        ((("100", b"2 \x1faName"),), [("100", "indicator-value", "ind1 2")]),
        ((("650", b" |\x1faX"),), [("650", "indicator-value", "ind2 |")]),
        ((("650", b" 0\x1faX\x1fqY"),), [("650", "unknown-code", "$q")]),
        ((("650", b" 0\x1faX\x1faY"),), [("650", "code-repeated", "$a")]),
        ((("650", b" 0\x1faX\x1fxY\x1fxZ"),), []),
        ((("006", b"a"),), [("006", "fixed-length", "")]),
        ((("007", b"vq c"),), [("007", "fixed-value", "/01 q")]),
    ],
)
def test_by_hand(tmp_path: Path, fields: tuple, expected: list) -> None:  # type: ignore[type-arg]
    assert one(tmp_path, *fields) == expected


def test_fixed_positions_follow_the_material(tmp_path: Path) -> None:
    """008/18-21 are the illustrations of a book, 008/18 is the frequency of a serial."""
    wrong = GOOD_008[:18] + "q" + GOOD_008[19:]
    made = [raw_record(LEADER[:6] + kind + LEADER[8:], [("008", wrong.encode()), ("245", b"10\x1faT")])
            for kind in ("am", "as")]  # fmt: skip
    rows = found(batch_of(tmp_path / "two.mrc", b"".join(made)))
    assert [row[2:] for row in rows if "/18" in row[4]] == [("008", "fixed-value", "/18-21 q")]


def test_country_and_language_and_what_must_be_there(tmp_path: Path) -> None:
    wrong = GOOD_008[:15] + "qqq" + GOOD_008[18:35] + "qqq" + GOOD_008[38:]
    rows = found(batch_of(tmp_path / "one.mrc", raw_record(LEADER, [("008", wrong.encode())])))
    assert [row[2:] for row in rows] == [
        ("008", "fixed-value", "/15-17 qqq"),
        ("008", "fixed-value", "/35-37 qqq"),
        ("245", "field-missing", ""),
    ]
    assert rows[2][1] == -1


TAGS = st.sampled_from(["001", "006", "007", "008", "100", "245", "245", "262", "650", "880", "9AB", "590"])
INNER = st.one_of(
    st.text(st.sampled_from("10 2|\x1fabqz9x#~"), max_size=12),
    st.text(st.sampled_from("acdv|0 q"), min_size=18, max_size=18),
    st.just(GOOD_008),
    st.builds(
        lambda at, sign: GOOD_008[:at] + sign + GOOD_008[at + 1 :],
        st.integers(0, 39),
        st.sampled_from("q|0 a9"),
    ),
)
LEADERS = st.builds(
    lambda kind, rest: LEADER[:5] + kind + LEADER[8:17] + rest + LEADER[20:],
    st.sampled_from(["nam", "cas", "djm", "pem", "ngm", "nmm", "npc", "nxx"]),
    st.sampled_from(["   ", " a ", "Ii ", "7cr"]),
)


@settings(deadline=None, max_examples=300)
@given(st.lists(st.tuples(LEADERS, st.lists(st.tuples(TAGS, INNER), max_size=8)), min_size=1, max_size=4))
def test_agrees_with_its_twin(tmp_path_factory: pytest.TempPathFactory, made: list) -> None:  # type: ignore[type-arg]
    data = b"".join(raw_record(leader, [(t, v.encode()) for t, v in fields] or [("001", b"x")])
                    for leader, fields in made)  # fmt: skip
    batch = batch_of(tmp_path_factory.mktemp("twin") / "bib.mrc", data)
    expected = []
    for number in range(batch.record_count):
        at = int(batch.leader[number])
        fields = [
            (
                chr(int(batch.tag[f]) >> 16)
                + chr(int(batch.tag[f]) >> 8 & 255)
                + chr(int(batch.tag[f]) & 255),
                batch.data[batch.start[f] : batch.start[f] + batch.length[f]].tobytes().decode("latin-1"),
                bool(batch.control[f]),
            )
            for f in range(batch.field_from[number], batch.field_from[number + 1])
        ]
        leader = batch.data[at : at + 24].tobytes().decode("latin-1")
        expected += [(number, *row) for row in twin(BIB.facts, leader, fields)]
    assert sorted(found(batch)) == sorted(expected)


def test_more_findings_than_room(tmp_path: Path) -> None:
    fields = [("650", b" 0\x1fqX")] * 400
    data = record(LEADER, [("001", "b")]) + raw_record(LEADER, fields) * 40
    rows = faults(batch_of(tmp_path / "many.mrc", data), BIB)
    assert sum(code == "unknown-code" for code in rows.column("code").to_pylist()) == 16_000
    assert np.all(np.diff(rows.column("record_no").to_numpy()) >= 0)


LOC = FIXTURES / "permissive/bulk/kateefly+ToolsDataSet/LOC_Books_subset.first1000.mrc"


@pytest.mark.skipif(not LOC.is_file(), reason="the folder of fixtures is not there")
def test_records_of_the_library_of_congress() -> None:
    """By eye: indicators of 100, 110, 700, 710 that the format made obsolete (1990), and one 245 $c twice."""
    source = Source(LOC, "iso2709", extract="bib")
    rows = [row for partition in iso2709.partitions(source) for row in found(iso2709.read(partition).batch)]
    assert {(tag, code) for _, _, tag, code, _ in rows} == {
        ("100", "indicator-value"),
        ("110", "indicator-value"),
        ("700", "indicator-value"),
        ("710", "indicator-value"),
        ("245", "code-repeated"),
    }


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (("100", b"1 \x1faMoon, Mice,\x1fd1926-"), []),
        (("100", b"10\x1faMoon, Mice"), [("100", "indicator-value", "ind2 0")]),
        (("400", b"1 \x1fwnne\x1faMoon, M."), []),
        (("550", b" 0\x1faMice"), [("550", "indicator-value", "ind2 0")]),
        (("430", b" 4\x1faThe mice"), []),
        (("670", b"  \x1faHer Mice, 2026:\x1fbt.p.\x1fbp. 2"), [("670", "code-repeated", "$b")]),
        (("245", b"10\x1faTitle"), [("245", "unknown-tag", "")]),
    ],
)
def test_authorities_by_hand(tmp_path: Path, field: tuple[str, bytes], expected: list) -> None:  # type: ignore[type-arg]
    leader, general = "00000nz  a2200000n  4500", b"260101n| azannaabn          |a aaa      "
    made = raw_record(leader, [("008", general), field])
    batch = batch_of(tmp_path / "one.mrc", made)
    rows = faults(batch, prepared(load_facts([BASE], "marc21_authority"))).to_pylist()
    assert [(row["tag"], row["code"], row["value"]) for row in rows] == expected


NAMES = FIXTURES / "permissive/authority/dchud+mrrc-testbed/sample.first75.mrc"


@pytest.mark.skipif(not NAMES.is_file(), reason="the folder of fixtures is not there")
def test_names_of_the_library_of_congress() -> None:
    """75 records; by pymarc: three 100 and one 400 have a second indicator 0, no longer in the format."""
    facts, kinds = prepared(load_facts([BASE], "marc21_authority")), []
    for partition in iso2709.partitions(Source(NAMES, "iso2709")):
        kinds += [
            (row["tag"], row["value"]) for row in faults(iso2709.read(partition).batch, facts).to_pylist()
        ]
    assert sorted(kinds) == [("100", "ind2 0")] * 3 + [("400", "ind2 0")]


def test_a_site_adds_fields_and_changes_others(tmp_path: Path) -> None:
    folder = tmp_path / "marc"
    folder.mkdir()
    head = "tag,repeats,ind1,ind2,codes,once\n"
    (folder / "marc21_bib.csv").write_text(head + "262,yes,#,#,ab,a\n650,yes,#,0,aq,\n")
    facts = {fact.tag: fact for fact in load_facts([BASE, tmp_path], "marc21_bib").fields}
    assert facts["262"].once == "a" and facts["650"].codes == "aq" and facts["245"].codes


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("26,yes,#,#,a,", "tag '26'"),
        ("262,maybe,#,#,a,", "repeats 'maybe'"),
        ("262,yes,#,#,a,b", "once 'b'"),
        ("262,yes,é,#,a,", "outside ASCII"),
        ("262,yes", "other columns"),
    ],
)
def test_mistakes_in_a_site_s_file(tmp_path: Path, row: str, told: str) -> None:
    folder = tmp_path / "marc"
    folder.mkdir()
    (folder / "marc21_bib.csv").write_text(f"tag,repeats,ind1,ind2,codes,once\n{row}\n")
    with pytest.raises(RulesError) as caught:
        load_facts([BASE, tmp_path], "marc21_bib")
    assert told in str(caught.value) and "line 2" in str(caught.value)


def test_every_format_can_be_read() -> None:
    for name in known_formats([BASE]):
        assert prepared(load_facts([BASE], name)).facts.fields
