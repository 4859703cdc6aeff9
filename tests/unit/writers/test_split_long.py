"""Records and fields too long for ISO 2709, in pieces: nothing lost, nothing twice, no false length."""

from __future__ import annotations

import io
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pymarc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import transformer
from tests.reference.batches import Field, Record, batch_of, from_iso2709
from transformer.errors import UsageError
from transformer.schema.batch import Rendered
from transformer.schema.books import ISSUE_CODES
from transformer.writers import iso2709, marcxml
from transformer.writers.charset import render_marc8

LEADER = b"00000nas a2200000 a 4500"
HEAD = [
    Field("001", b"b1", True),
    Field("008", b"x" * 40, True),
    Field("100", b"1 \x1faSchmidt"),
    Field("245", b"10\x1faZettel"),
]
NUMBER = Field("020", b"  \x1fa3872910000")


def notes_like(count: int, size: int) -> list[Field]:
    """Fields 500 of `size` bytes with their terminators, each with another number in it."""
    return [
        Field("500", b"  \x1fa%06d" % n + b" w" * ((size - 11) // 2) + b"." * (size % 2 == 0))
        for n in range(count)
    ]


def rendered(*records: Record, marc8: bool = False) -> Rendered:
    return (render_marc8 if marc8 else iso2709.render)(batch_of(records), split_long=True)


def lengths_are_true(out: bytes) -> None:
    """Every record begins where the last ended by its length, and ends in a record terminator."""
    at = 0
    while at < len(out):
        length = int(out[at : at + 5])
        assert out[at + length - 1] == 0x1D
        at += length
    assert at == len(out)


def as_records(out: bytes) -> list[pymarc.Record]:
    reader = pymarc.MARCReader(io.BytesIO(out), permissive=True)
    found = list(reader)
    assert None not in found, reader.current_exception
    return [record for record in found if record is not None]


def test_a_long_record() -> None:
    rest = notes_like(30, 9_001)
    long = Record(LEADER, [*HEAD, NUMBER, *rest])
    short = Record(LEADER, [Field("001", b"b2", True)])
    made = rendered(short, long, short)
    out = made.data.tobytes()
    lengths_are_true(out)
    first, *parts, last = from_iso2709(out)
    # 99,999 - 26 of leader and terminators - 115 of the head: room for 11 fields of 9,001 + 12, and 020
    assert [len(part.fields) - len(HEAD) for part in parts] == [12, 11, 8]
    assert [part.fields[:4] for part in parts] == [[*HEAD]] * 3
    assert [f for part in parts for f in part.fields[4:]] == [NUMBER, *rest]
    assert (first.fields, last.fields) == (short.fields, short.fields)
    assert {part.leader[5:12] + part.leader[17:] for part in parts} == {LEADER[5:12] + LEADER[17:]}
    one = len(iso2709.render(batch_of([short])).data)
    assert made.ends.tolist() == [one, len(out) - one, len(out)]
    assert (made.failed, made.part_count) == ((), 2)
    assert made.notes == (("record-split", 1, "", "3 records"),)


def test_as_pymarc_and_yaz_read_it(tmp_path: Path) -> None:
    rest = notes_like(25, 9_999)
    out = rendered(Record(LEADER, [*HEAD, *rest])).data.tobytes()
    records = as_records(out)
    assert [r["001"].data for r in records] == ["b1"] * 3
    assert [r["245"]["a"] for r in records] == ["Zettel"] * 3
    values = [f["a"].encode() for r in records for f in r.get_fields("500")]
    assert values == [f.inner[4:] for f in rest]
    if shutil.which("yaz-marcdump") is None:
        pytest.skip("yaz-marcdump is not on the path")
    (tmp_path / "out.mrc").write_bytes(out)
    done = subprocess.run(
        ["yaz-marcdump", "-i", "marc", "-o", "line", str(tmp_path / "out.mrc")],
        capture_output=True,
        check=True,
    )
    lines = done.stdout.splitlines()
    assert [line for line in lines if line.startswith(b"001")] == [b"001 b1"] * 3
    assert [line[10:] for line in lines if line.startswith(b"500")] == [f.inner[4:] for f in rest]
    assert not [line for line in lines if line.startswith(b"(")], "yaz says in brackets what is wrong"


@pytest.mark.parametrize(
    ("tag", "leader", "others", "repeated"),
    [
        ("245", LEADER, [], True),
        ("200", LEADER, [], True),
        ("200", LEADER, [Field("245", b"  \x1fax")], False),
        ("151", b"00000nz  a2200000n  4500", [], True),
        ("852", b"00000nx  a2200000n  4500", [], True),
        ("852", LEADER, [], False),
        ("250", LEADER, [], False),
        ("035", LEADER, [], False),
    ],
)
def test_what_is_repeated(tag: str, leader: bytes, others: list[Field], repeated: bool) -> None:
    one = Field(tag, b"  \x1faOnce")
    fields = sorted([Field("001", b"b1", True), one, *others, *notes_like(15, 9_000)], key=lambda f: f.tag)
    parts = from_iso2709(rendered(Record(leader, fields)).data.tobytes())
    assert len(parts) == 2
    assert sum(one in part.fields for part in parts) == 1 + repeated


def test_only_the_first_title_and_852_are_repeated() -> None:
    titles = [Field("245", b"00\x1faone"), Field("245", b"00\x1fatwo")]
    places = [Field("852", b"  \x1fbone"), Field("852", b"  \x1fbtwo")]
    leader = b"00000nx  a2200000n  4500"
    parts = from_iso2709(rendered(Record(leader, [*titles, *notes_like(12, 9_000), *places])).data.tobytes())
    found = Counter(f for part in parts for f in part.fields)
    assert [found[f] for f in (*titles, *places)] == [2, 1, 2, 1]


def test_a_long_field_is_cut_between_subfields_and_words() -> None:
    chapter = b"\x1ft" + b"Kapitel " * 500
    long = b"\x1fa" + "Überaus lange Geschichte. ".encode() * 900
    inner = b"00" + 4 * chapter + long + b"\x1fzEnde"
    made = rendered(Record(LEADER, [*HEAD, Field("505", inner), NUMBER]))
    out = made.data.tobytes()
    lengths_are_true(out)
    (record,) = from_iso2709(out)
    pieces = [f.inner for f in record.fields if f.tag == "505"]
    assert [f.tag for f in record.fields] == ["001", "008", "100", "245", *["505"] * len(pieces), "020"]
    assert all(len(piece) < 9_999 and piece[:3] == b"00\x1f" for piece in pieces)
    subfields = [s for piece in pieces for s in piece[2:].split(b"\x1f")[1:]]
    assert [s for s in subfields if s[:1] == b"t"] == [chapter[1:]] * 4, "whole where they can be"
    assert b"".join(s[1:] for s in subfields if s[:1] == b"a") == long[2:], "put together, the value again"
    assert all(s.endswith(b" ") and s.decode() for s in subfields if s[:1] == b"a")
    assert subfields[-1] == b"zEnde"
    assert made.notes == (("field-split", 0, "505", f"{len(pieces)} fields"),)
    assert (made.failed, made.part_count) == ((), 0)
    assert [r["245"]["a"] for r in as_records(out)] == ["Zettel"]


def test_both_at_once() -> None:
    inner = b"  \x1fa" + b"word " * 30_000
    made = rendered(Record(LEADER, [*HEAD, Field("520", inner)]))
    parts = from_iso2709(made.data.tobytes())
    values = [f.inner[4:] for part in parts for f in part.fields if f.tag == "520"]
    assert b"".join(values) == inner[4:]
    assert made.notes == (
        ("record-split", 0, "", f"{len(parts)} records"),
        ("field-split", 0, "520", f"{len(values)} fields"),
    )


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ([Field("500", b"  \x1fa" + b"x" * 10_000)], "field-too-long"),
        ([Field("009", b"word " * 2_500, True)], "field-too-long"),
        ([Field("500", b"  " + b"text before the first subfield " * 400)], "field-too-long"),
        ([Field("500", "éè".encode() + b"\x1fa" + b"word " * 3_000)], "field-too-long"),
        ([Field("500", b" \x1fa" + b"word " * 3_000)], "field-too-long"),
        # Nowhere to cut but before a mark, which belongs to the blank.
        ([Field("500", b"  \x1fa" + " \u0301".encode() * 5_000)], "field-too-long"),
        (
            [Field("00" + str(n), b"x" * 9_990, True) for n in range(1, 10)] + notes_like(3, 9_990),
            "record-too-long",
        ),
        ([Field("5\x7f0", b"  \x1fax"), *notes_like(12, 9_000)], "bad-tag"),
    ],
)
def test_what_cannot_be_divided_is_not_written(fields: list[Field], code: str) -> None:
    short = Record(LEADER, [Field("001", b"b2", True)])
    made = rendered(short, Record(LEADER, fields), short, Record(LEADER, [*HEAD, *notes_like(12, 9_000)]))
    assert made.failed == ((1, code),)
    assert made.ends[1] == made.ends[0]
    assert [r.fields[0].inner for r in from_iso2709(made.data.tobytes())] == [b"b2", b"b2", b"b1", b"b1"]


def test_in_marc8() -> None:
    """5,400 bytes of UTF-8 become over 9,999 as `&#x0F40;`; escape sequences must not be cut through."""
    tibetan = " ".join(["ཀཁ"] * 900)
    greek = " ".join(["Ελλάδα"] * 1_200)
    assert len(tibetan.encode()) < 9_999 < len(tibetan) * 5
    fields = [*HEAD, Field("500", b"  \x1fa" + tibetan.encode()), Field("505", b"0 \x1fa" + greek.encode())]
    assert iso2709.render(batch_of([Record(LEADER, fields)])).failed == ((0, "field-too-long"),)
    made = rendered(Record(LEADER, fields), marc8=True)
    assert made.failed == ()
    lengths_are_true(made.data.tobytes())
    (record,) = as_records(made.data.tobytes())
    assert record.leader[9] == " "
    assert {note[0] for note in made.notes} == {"field-split"}
    notes = record.get_fields("500")
    assert len(notes) > 1
    assert "".join(f["a"] for f in notes) == "".join(
        f"&#x{ord(c):04X};" if c != " " else " " for c in tibetan
    )
    assert "".join(f["a"] for f in record.get_fields("505")) == greek


def test_in_marc8_where_no_blank_helps() -> None:
    fields = [*HEAD, Field("500", b"  \x1fa" + ("ཀ" * 2_000).encode())]
    assert render_marc8(batch_of([Record(LEADER, fields)])).failed == ((0, "field-too-long"),)
    assert rendered(Record(LEADER, fields), marc8=True).failed == ((0, "field-too-long"),)


TEXTS = st.lists(
    st.tuples(st.sampled_from("abtz"), st.text("ab é漢", max_size=40), st.integers(1, 900)),
    min_size=1,
    max_size=6,
)
FIELDS = st.lists(st.tuples(st.sampled_from(["020", "245", "500", "650"]), TEXTS), max_size=40)


@settings(deadline=None, max_examples=60)
@given(FIELDS)
def test_nothing_is_lost_and_nothing_twice(made_of: list[tuple[str, list[tuple[str, str, int]]]]) -> None:
    fields = [
        Field(
            tag,
            b"  " + "".join(f"\x1f{code}{(text + ' ') * times}" for code, text, times in subfields).encode(),
        )
        for tag, subfields in made_of
    ]
    made = rendered(Record(LEADER, [Field("001", b"b1", True), *fields]))
    out = made.data.tobytes()
    lengths_are_true(out)
    parts = from_iso2709(out)
    assert made.failed == ()
    assert len(parts) == made.part_count + 1
    for part in parts[1:]:
        assert part.fields[0].inner == b"b1"

    def text_of(tag: str, found: list[Field]) -> bytes:
        inner = b"".join(f.inner[2:] for f in found if f.tag == tag)
        return b"".join(s[1:] for s in inner.split(b"\x1f"))

    for tag in ("020", "500", "650"):
        all_parts = [f for part in parts for f in part.fields]
        assert text_of(tag, all_parts) == text_of(tag, fields)


def test_the_codes_are_known() -> None:
    assert {"record-split", "field-split", "record-too-long", "field-too-long"} <= ISSUE_CODES.keys()


def test_convert_counts_parts_apart(tmp_path: Path) -> None:
    xml, out = tmp_path / "in.xml", tmp_path / "out.mrc"
    long = Record(LEADER, [*HEAD, *notes_like(30, 9_001)])
    hopeless = Record(LEADER, [Field("001", b"b2", True), Field("500", b"  \x1fa" + b"x" * 10_000)])
    short = Record(LEADER, [Field("001", b"b3", True)])
    xml.write_bytes(
        marcxml.HEAD + marcxml.render(batch_of([long, hopeless, short])).data.tobytes() + marcxml.TAIL
    )
    whole = transformer.convert(xml, out)
    assert (whole.read_count, whole.written_count, whole.set_aside_count, whole.part_count) == (3, 1, 2, 0)
    split = transformer.convert(xml, out, split_long=True, overwrite=True)
    assert (split.read_count, split.written_count, split.set_aside_count, split.part_count) == (3, 2, 1, 2)
    assert [(issue.code, issue.count) for issue in split.issues] == [
        ("field-too-long", 1),
        ("record-split", 1),
    ]
    assert split.files[0].record_count == len(as_records(out.read_bytes())) == 4
    aside = (tmp_path / "out.mrc.set-aside").read_bytes()
    assert b">b2<" in aside and b">b1<" not in aside
    assert "(3 records)" in (tmp_path / "out.mrc.issues.csv").read_text()
    for other in ("out.json", "out.parquet"):
        with pytest.raises(UsageError, match="ISO 2709"):
            transformer.convert(xml, tmp_path / other, split_long=True)
