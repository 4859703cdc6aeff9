"""MARCXML as others read it: lxml, pymarc and yaz-marcdump; and the sentences of the module's contract."""

from __future__ import annotations

import io
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pymarc
import pytest
from hypothesis import given, settings
from lxml import etree

from tests import makers, slim
from tests.reference.batches import Field, Record, batch_of, from_iso2709
from tests.reference.emit import allowed
from tests.reference.strategies import records
from transformer.marc import SLIM_NAMESPACE
from transformer.schema.books import ISSUE_CODES
from transformer.writers import iso2709, marcxml

LEADER = b"00000nam a2200000 a 4500"


def xml_of(found: list[Record]) -> bytes:
    return marcxml.HEAD + marcxml.render(batch_of(found)).data.tobytes() + marcxml.TAIL


def body(field: Field, leader: bytes = LEADER) -> str:
    """The element of the one field of a record."""
    text = marcxml.render(batch_of([Record(leader, [field])])).data.tobytes().decode()
    return text[text.index("</leader>") + 9 : text.index("</record>")]


@settings(deadline=None, max_examples=200)
@given(records())
def test_lxml_reads_back_every_value(found: list[Record]) -> None:
    """With the parser's end-of-line rule, which is why CR must be a character reference."""
    root = etree.fromstring(xml_of(found))
    back = []
    for record in root:
        assert record.tag == f"{{{SLIM_NAMESPACE}}}record"
        leader, *elements = record
        fields = []
        for element in elements:
            kind = etree.QName(element).localname
            if kind == "controlfield":
                fields.append(Field(element.get("tag"), (element.text or "").encode(), True))
                continue
            inner = element.get("ind1") + element.get("ind2")
            inner += "".join(f"\x1f{sub.get('code')}{sub.text or ''}" for sub in element)
            fields.append(Field(element.get("tag"), inner.encode()))
        back.append((leader.text[5:12] + leader.text[17:], fields))
    expected = [((r.leader[5:12] + r.leader[17:]).decode(), r.fields) for r in found]
    assert back == expected


@settings(deadline=None, max_examples=200)
@given(records(odd=True))
def test_well_formed_whatever_comes(found: list[Record]) -> None:
    rendered = marcxml.render(batch_of(found))
    root = etree.fromstring(marcxml.HEAD + rendered.data.tobytes() + marcxml.TAIL)
    assert len(root) == len(found) - len(rendered.failed)
    for code, _, _, _ in rendered.notes:
        assert code in ISSUE_CODES
    for _, code in rendered.failed:
        assert code in ISSUE_CODES


SAMPLE = [
    makers.record(
        makers.LEADER,
        [
            ("001", f"b{number}"),
            ("008", "x" * 40),
            ("245", "1", "0", [("a", 'War & <peace> "again" /'), ("c", "Лев Толстой ; 戦争と平和")]),
            ("650", " ", "0", [("a", "a" * number), ("x", "")]),
        ],
    )
    for number in range(1, 90)
]


def test_pymarc_reads_the_same_records() -> None:
    from_xml = pymarc.parse_xml_to_array(io.BytesIO(xml_of(from_iso2709(b"".join(SAMPLE)))))
    assert [record.as_marc() for record in from_xml] == [
        record.as_marc() for record in pymarc.MARCReader(b"".join(SAMPLE)) if record
    ]


@pytest.mark.skipif(not shutil.which("yaz-marcdump"), reason="yaz-marcdump is not installed")
def test_yaz_reads_the_same_records(tmp_path: Path) -> None:
    path = tmp_path / "sample.xml"
    path.write_bytes(xml_of(from_iso2709(b"".join(SAMPLE))))
    command = ["yaz-marcdump", "-i", "marcxml", "-o", "marc", str(path)]
    done = subprocess.run(command, capture_output=True, check=True)
    assert done.stdout == b"".join(SAMPLE)


def test_meets_the_slim_schema() -> None:
    assert slim.validate(xml_of(from_iso2709(b"".join(SAMPLE)))) == []
    long = Record(LEADER, [Field("500", b"  \x1fa" + b"x" * 50_000)] * 2)
    assert slim.validate(xml_of([long])) == []
    assert slim.validate(xml_of([Record(LEADER, [Field("500", b"  text\x1fax")])])) != []


def test_leader_says_the_sizes_of_iso2709() -> None:
    batch = batch_of(from_iso2709(b"".join(SAMPLE)))
    root = etree.fromstring(marcxml.HEAD + marcxml.render(batch).data.tobytes() + marcxml.TAIL)
    assert [record[0].text.encode() for record in root] == [raw[:24] for raw in SAMPLE]


@pytest.mark.parametrize(
    ("leader", "marc21", "expected"),
    [
        (b"00000nam  2200000 a 4500", True, "00026nam a2200025 a 4500"),
        (b"00000nam  2200000 a 4500", False, "00026nam  2200025 a 4500"),
        (b"00000nam  2200000   450 ", True, "00026nam  2200025   450 "),
    ],
)
def test_leader_09_where_the_format_defines_it(leader: bytes, marc21: bool, expected: str) -> None:
    text = marcxml.render(batch_of([Record(leader)]), marc21=marc21).data.tobytes().decode()
    assert text == f"<record><leader>{expected}</leader></record>\n"


def test_sizes_beyond_five_digits_are_blank() -> None:
    long = Record(LEADER, [Field("500", b"  \x1fa" + b"x" * 50_000)] * 2)
    text = marcxml.render(batch_of([long])).data.tobytes()
    assert text.startswith(b"<record><leader>     nam a2200049 a 4500</leader>")


A_X = '<subfield code="a">X</subfield>'


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        (b"10\x1faX\x1fbY", f'ind1="1" ind2="0">{A_X}<subfield code="b">Y</subfield>'),
        (b"10", 'ind1="1" ind2="0">'),
        (b"10text\x1faX", f'ind1="1" ind2="0"><subfield code="">text</subfield>{A_X}'),
        (b"10\x1f", 'ind1="1" ind2="0"><subfield code=""></subfield>'),
        (b"10\x1f\x1faX", f'ind1="1" ind2="0"><subfield code=""></subfield>{A_X}'),
        (b"1\x1faX", 'ind1="1" ind2=" "><subfield code="a">X</subfield>'),
        (b"\x1faX", 'ind1=" " ind2=" "><subfield code="a">X</subfield>'),
        ("é\t\x1f中X".encode(), 'ind1="é" ind2="&#9;"><subfield code="中">X</subfield>'),
        (b'"<\x1f&X\x1f>Y', 'ind1="&quot;" ind2="&lt;"><subfield code="&amp;">X</subfield>'
         '<subfield code="&gt;">Y</subfield>'),
        (b'  \x1fa\r\n\t"\x7f\'', 'ind1=" " ind2=" "><subfield code="a">&#13;\n\t"\x7f\'</subfield>'),
    ],
)  # fmt: skip
def test_data_fields(inner: bytes, expected: str) -> None:
    assert body(Field("245", inner)) == f'<datafield tag="245" {expected}</datafield>'


def test_a_control_field_is_what_the_batch_says() -> None:
    assert body(Field("245", b"10", True)) == '<controlfield tag="245">10</controlfield>'
    assert body(Field("001", b"10")) == '<datafield tag="001" ind1="1" ind2="0"></datafield>'


def test_what_xml_forbids_is_left_out_and_noted() -> None:
    fields = [
        Field("001", b"a\x1fb\x08", True),
        Field("245", "10\x1fa\x08x\x08\ufffey\x1fbz".encode()),
        Field("300", b"1\x1faok"),
    ]
    rendered = marcxml.render(batch_of([Record(LEADER), Record(LEADER, fields)]))
    assert rendered.notes == (
        ("xml-forbidden-character", 1, "001", "U+0008 x1, U+001F x1"),
        ("xml-forbidden-character", 1, "245", "U+0008 x2, U+FFFE x1"),
        ("indicator-missing", 1, "300", ""),
    )
    assert b'<controlfield tag="001">ab</controlfield>' in rendered.data.tobytes()
    assert b'<subfield code="a">xy</subfield>' in rendered.data.tobytes()


def test_forbidden_is_what_libxml2_forbids() -> None:
    """The twin's own table, against the parser, for all characters that could be."""
    for number in [*range(0x20), 0x7F, 0x85, 0xD7FF, 0xE000, 0xFFFD, 0xFFFE, 0xFFFF, 0x10000, 0x10FFFF]:
        try:
            etree.fromstring(f"<a>&#{number};</a>")
            fine = True
        except etree.XMLSyntaxError:
            fine = False
        assert allowed(chr(number)) == fine, hex(number)


def test_a_tag_that_is_no_tag_fails_its_record_alone() -> None:
    good, bad = Record(LEADER, [Field("001", b"1", True)]), Record(LEADER, [Field("2\x005", b"10")])
    rendered = marcxml.render(batch_of([good, bad, good]))
    assert rendered.failed == ((1, "bad-tag"),)
    sizes = np.diff(rendered.ends, prepend=0).tolist()
    assert sizes[1] == 0 and sizes[0] == sizes[2] > 0
    assert len(etree.fromstring(marcxml.HEAD + rendered.data.tobytes() + marcxml.TAIL)) == 2


def test_no_records_no_bytes() -> None:
    assert len(marcxml.render(batch_of([])).data) == 0
    assert len(iso2709.render(batch_of([])).data) == 0
